// SPDX-License-Identifier: ISC
// The other side of the control socket, for programs such as ikectl: it blocks, and asks one thing
// at a time.
#pragma once

#include <functional>
#include <string>

#include "base/descriptor.h"
#include "base/result.h"
#include "control/frame.h"
#include "control/protocol.h"

namespace iked::control {

class Client {
 public:
  /// The error's first line is "connect: PATH: cause", further lines say what to do; its
  /// kind is no_daemon, denied or other.
  static std::expected<Client, ControlError> connect(const std::string& path);

  /// Waits for the answer, as long as it takes.
  Result<Response> ask(const Request& request);

  using EventSink = std::function<void(const EventRow&)>;
  /// For requests that are answered with a text: the text, or why iked did not do it. Events that
  /// come before go to `event`.
  Control::Outcome command(const Request& request, const EventSink& event = {});
  /// Gives each event to `event` until that returns false or iked hangs up.
  Result<void> monitor(const std::function<bool(const EventRow&)>& event);

  /// Calls `row` for each of them, page by page, so that no list is ever held as a whole.
  Result<void> for_each_sa(const std::function<void(const IkeSaRow&)>& row);
  Result<void> for_each_policy(const std::function<void(const PolicyRow&)>& row);
  Result<StatisticRows> statistics();
  std::expected<FailureRows, ControlError> failures(const std::string& name);

 private:
  explicit Client(Descriptor fd) : fd_(std::move(fd)) {}
  Result<void> send_all(ByteView octets);
  Result<Frame> receive();

  Descriptor fd_;
  FrameBuffer in_{max_response_body};
};

}  // namespace iked::control
