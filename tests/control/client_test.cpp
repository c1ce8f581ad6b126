// SPDX-License-Identifier: ISC
#include "control/client.h"

#include <gmock/gmock.h>
#include <poll.h>

#include <optional>
#include <thread>

#include "base/log.h"
#include "control/address.h"
#include "control/background_server.h"
#include "control/fake_control.h"
#include "control/scratch.h"

namespace iked::control {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Client, WalksThroughAllPages) {
  const Scratch scratch;
  FakeControl control;
  control.add_sas(1000);
  control.policies.resize(130, policy_row());
  const BackgroundServer server(scratch / "sock", control);
  auto client = Client::connect(scratch / "sock");
  ASSERT_TRUE(client) << client.error().text;
  uint64_t expected = 1;
  ASSERT_TRUE(client->for_each_sa([&](const IkeSaRow& row) { EXPECT_EQ(row.id, expected++); }));
  EXPECT_EQ(expected, 1001U);
  size_t policies = 0;
  ASSERT_TRUE(client->for_each_policy([&](const PolicyRow& row) {
    EXPECT_EQ(row, policy_row());
    ++policies;
  }));
  EXPECT_EQ(policies, 130U);
}

TEST(Client, HundredThousandSasAreNeverInOneBuffer) {
  const Scratch scratch;
  FakeControl control;
  control.sas.resize(100000);
  const BackgroundServer server(scratch / "sock", control);
  auto client = Client::connect(scratch / "sock");
  ASSERT_TRUE(client) << client.error().text;
  size_t count = 0;
  ASSERT_TRUE(client->for_each_sa([&](const IkeSaRow&) { ++count; }));
  EXPECT_EQ(count, 100000U);
  EXPECT_LE(control.largest_page, 64U);
}

TEST(Client, CommandGivesTheTextOrTheReason) {
  const Scratch scratch;
  FakeControl control;
  const BackgroundServer server(scratch / "sock", control);
  auto client = Client::connect(scratch / "sock");
  ASSERT_TRUE(client) << client.error().text;
  EXPECT_EQ(client->command(Reload{}).value(), "done");
  control.outcome = fail("iked.conf:1:1: no");
  const auto refused = client->command(Reload{});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text, "iked.conf:1:1: no");
}

TEST(Client, EventsComeBeforeTheOutcome) {
  const Scratch scratch;
  FakeControl control;
  std::optional<BackgroundServer> server;
  control.before_end = [&] {
    EventRow other = event_row();
    other.policy = "another";
    server->tell(other);
    server->tell(event_row());
  };
  server.emplace(scratch / "sock", control);
  auto client = Client::connect(scratch / "sock");
  ASSERT_TRUE(client) << client.error().text;
  std::vector<EventRow> events;
  const auto note = [&](const EventRow& event) { events.push_back(event); };
  EXPECT_EQ(client->command(Connect{"branch"}, note).value_or(""), "done");
  EXPECT_EQ(events, std::vector{event_row()});
  // Nothing is left over for the next command, and nobody listens any more.
  EXPECT_EQ(client->command(Reload{}, note).value_or(""), "done");
  EXPECT_EQ(events.size(), 1U);
}

TEST(Client, NobodyThereIsSaidWithWhatToDo) {
  const Scratch scratch;
  const auto nobody = Client::connect(scratch / "sock");
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().text,
            fmt::format("connect: {}: No such file or directory\n"
                        "Is iked running? If it listens elsewhere, name its socket with -s.",
                        scratch / "sock"));
}

/// Answers whatever it is asked with the same octets, then hangs up.
class LyingServer {
 public:
  LyingServer(const std::string& path, Bytes octets)
      : listener_(Listener::create(path).value()), thread_([this, octets] { run(octets); }) {}
  ~LyingServer() { thread_.join(); }

 private:
  void run(const Bytes& octets) {
    pollfd entry{listener_.descriptor(), POLLIN, 0};
    poll(&entry, 1, -1);
    const Descriptor client(accept(listener_.descriptor(), nullptr, nullptr));
    uint8_t request[4096];
    EXPECT_GT(recv(client.get(), request, sizeof request, 0), 0);
    EXPECT_EQ(send(client.get(), octets.data(), octets.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(octets.size()));
  }

  Listener listener_;
  std::thread thread_;
};

std::string error_from(const Bytes& answer) {
  const Scratch scratch;
  const LyingServer server(scratch / "sock", answer);
  auto client = Client::connect(scratch / "sock");
  if (!client) return client.error().text;
  auto shown = client->for_each_sa([](const IkeSaRow&) {});
  return shown ? "no error" : shown.error().text;
}

TEST(Client, AnswersThatLieAreErrors) {
  EXPECT_EQ(error_from({}), "iked closed the connection: its log says why");
  EXPECT_EQ(error_from(from_hex("7fffffff 02 00 0065").value()),
            "a control message of 2147483647 octets is too long");
  EXPECT_EQ(error_from(encode(Frame{77, {}})), "iked sent an answer of unknown type 77");
  EXPECT_EQ(error_from(encode(Frame{101, {0, 0, 0, 1}})), "the list of SAs is cut short");
  EXPECT_EQ(error_from(encode(to_frame(Response(PolicyPage{})))),
            "iked answered something else than was asked");
}

TEST(Client, ListThatNeverEndsIsGivenUp) {
  Bytes twice = encode(to_frame(Response(SaPage{{sa_row()}, 1})));
  append(twice, Bytes(twice));
  EXPECT_EQ(error_from(twice), "iked's list does not end");
}

}  // namespace
}  // namespace iked::control
