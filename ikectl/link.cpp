// SPDX-License-Identifier: ISC
#include "ikectl/link.h"

#include <utility>

namespace iked::ikectl {
namespace {

constexpr const char* default_socket = "/run/iked.sock";

Link::Done done_or_failed(Result<void> outcome) {
  if (outcome) return {};
  return std::unexpected(ControlError{FailureKind::other, std::move(outcome.error().text)});
}

class SocketLink final : public Link {
 public:
  explicit SocketLink(control::Client client) : client_(std::move(client)) {}

  Done for_each_sa(const std::function<void(const IkeSaRow&)>& row) override {
    return done_or_failed(client_.for_each_sa(row));
  }
  Done for_each_policy(const std::function<void(const PolicyRow&)>& row) override {
    return done_or_failed(client_.for_each_policy(row));
  }
  Answer<control::StatisticRows> statistics() override {
    auto all = client_.statistics();
    if (all) return std::move(*all);
    return std::unexpected(ControlError{FailureKind::other, std::move(all.error().text)});
  }
  Answer<control::FailureRows> failures(const std::string& name) override {
    return client_.failures(name);
  }
  Control::Outcome command(const control::Request& request,
                           const std::function<void(const EventRow&)>& event) override {
    return client_.command(request, event);
  }
  Done monitor(const std::function<bool(const EventRow&)>& event) override {
    return done_or_failed(client_.monitor(event));
  }

 private:
  control::Client client_;
};

}  // namespace

Link::Answer<std::unique_ptr<Link>> connect_socket(const std::string& path) {
  auto client = control::Client::connect(path);
  if (!client) return std::unexpected(std::move(client.error()));
  return std::make_unique<SocketLink>(std::move(*client));
}

Link::Answer<std::unique_ptr<Link>> connect_daemon(const std::string& named_socket) {
  if (!named_socket.empty()) return connect_socket(named_socket);
  auto link = connect_socket(default_socket);
  if (link) return link;
  auto bus = connect_bus();
  // Why the socket did not do tells more than that there is no bus either.
  return bus ? std::move(bus) : std::move(link);
}

}  // namespace iked::ikectl
