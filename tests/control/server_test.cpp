// SPDX-License-Identifier: ISC
// The server alone in one thread with its clients: each step is driven by the test.
#include "control/server.h"

#include <gmock/gmock.h>
#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <optional>

#include "base/log.h"
#include "control/address.h"
#include "control/fake_control.h"
#include "control/scratch.h"

namespace iked::control {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// A program with a connection, good or bad.
class RawClient {
 public:
  explicit RawClient(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    const sockaddr_un address = unix_address(path).value();
    EXPECT_EQ(connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  void send(ByteView octets) {
    EXPECT_EQ(::send(fd_.get(), octets.data(), octets.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(octets.size()));
  }
  void ask(const Request& request) { send(encode(to_frame(request))); }
  void half_close() { shutdown(fd_.get(), SHUT_WR); }
  void close() { fd_.reset(); }

  /// The next answer that is already here.
  std::optional<Response> answer() {
    while (true) {
      auto frame = in_.next();
      if (!frame) return std::nullopt;
      if (*frame) return parse_response(**frame).value();
      uint8_t octets[65536];
      const ssize_t got = recv(fd_.get(), octets, sizeof octets, MSG_DONTWAIT);
      hung_up_ = got == 0;
      if (got <= 0) return std::nullopt;
      in_.add(ByteView(octets).first(static_cast<size_t>(got)));
    }
  }
  std::string text() {
    const auto response = answer();
    if (!response) return hung_up_ ? "hung up" : "nothing";
    if (const auto* done = std::get_if<Succeeded>(&*response)) return "yes: " + done->text;
    if (const auto* failed = std::get_if<Failed>(&*response)) return "no: " + failed->text;
    return "a list";
  }

 private:
  Descriptor fd_;
  FrameBuffer in_{max_response_body};
  bool hung_up_ = false;
};

class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    log::set_sink([this](const log::Record& record) { lines.emplace_back(record.text); });
    auto listener = Listener::create(path);
    ASSERT_TRUE(listener) << listener.error().text;
    server = std::move(Server::start(std::move(*listener), control).value());
  }
  void TearDown() override { log::set_sink({}); }

  /// Runs the server until nothing is left for it to do.
  void run() {
    for (int turns = 0; readable(); ++turns) {
      ASSERT_LT(turns, 10000) << "the server is never done";
      server->on_ready();
    }
  }
  bool readable() const {
    pollfd entry{server->descriptor(), POLLIN, 0};
    return poll(&entry, 1, 0) == 1;
  }

  const Scratch scratch;
  const std::string path = scratch / "sock";
  std::vector<std::string> lines;
  FakeControl control;
  std::unique_ptr<Server> server;
};

TEST_F(ServerTest, RequestsReachTheControlAndAnswersTheClient) {
  RawClient client(path);
  client.ask(Reload{});
  client.ask(Reset{ResetTarget::sa});
  client.ask(SetPassive{true});
  client.ask(SetPassive{false});
  client.ask(SetVerbosity{2});
  run();
  EXPECT_THAT(control.calls, ElementsAre("reload", "reset 3", "passive", "active", "verbosity 2"));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(client.text(), "yes: done");
  EXPECT_EQ(client.text(), "nothing");
}

TEST_F(ServerTest, RefusalOfTheControlReachesTheClient) {
  control.outcome = fail("reset ca: there are no certificates yet");
  RawClient client(path);
  client.ask(Reset{ResetTarget::ca});
  run();
  EXPECT_EQ(client.text(), "no: reset ca: there are no certificates yet");
}

TEST_F(ServerTest, ListsAreSent) {
  control.add_sas(2);
  control.policies.push_back(policy_row());
  RawClient client(path);
  client.ask(ShowSas{0, 10});
  client.ask(ShowPolicies{0, 10});
  run();
  const auto sas = client.answer();
  ASSERT_TRUE(sas);
  EXPECT_EQ(std::get<SaPage>(*sas).rows, control.sas);
  const auto policies = client.answer();
  ASSERT_TRUE(policies);
  EXPECT_EQ(std::get<PolicyPage>(*policies).rows, control.policies);
}

TEST_F(ServerTest, LogSaysWhoChangedWhat) {
  RawClient client(path);
  client.ask(Reset{ResetTarget::all});
  run();
  EXPECT_THAT(lines, Contains(fmt::format("control: uid {} (pid {}) asks: reset all", geteuid(),
                                          getpid())));
}

TEST_F(ServerTest, NextRequestWaitsUntilTheControlIsDone) {
  control.answer_later = true;
  RawClient client(path), other(path);
  client.ask(Reload{});
  client.ask(Reset{ResetTarget::sa});
  other.ask(SetPassive{true});
  run();
  EXPECT_THAT(control.calls, ElementsAre("reload", "passive"));
  EXPECT_EQ(client.text(), "nothing");

  control.waiting[0]("2 policies");
  EXPECT_EQ(client.text(), "yes: 2 policies");
  EXPECT_THAT(control.calls, ElementsAre("reload", "passive", "reset 3"));
  control.waiting[2]("gone");
  control.waiting[1](fail("cannot"));
  EXPECT_EQ(client.text(), "yes: gone");
  EXPECT_EQ(other.text(), "no: cannot");
}

TEST_F(ServerTest, ClientThatWentAwayIsForgottenThoughTheControlAnswers) {
  control.answer_later = true;
  RawClient client(path);
  client.ask(Reload{});
  run();
  client.close();
  run();
  EXPECT_EQ(server->clients(), 0U);
  control.waiting[0]("2 policies");
  run();
}

TEST_F(ServerTest, SecondCallOfTheSameDoneDoesNothing) {
  control.answer_later = true;
  RawClient client(path);
  client.ask(Reload{});
  run();
  control.waiting[0]("once");
  control.waiting[0]("twice");
  EXPECT_EQ(client.text(), "yes: once");
  EXPECT_EQ(client.text(), "nothing");
}

TEST_F(ServerTest, ClientThatWillSayNoMoreStillGetsItsAnswer) {
  control.answer_later = true;
  RawClient client(path);
  client.ask(Reload{});
  client.half_close();
  run();
  EXPECT_EQ(server->clients(), 1U);
  control.waiting[0]("late");
  EXPECT_EQ(client.text(), "yes: late");
  run();
  EXPECT_EQ(client.text(), "hung up");
  EXPECT_EQ(server->clients(), 0U);
}

TEST_F(ServerTest, RequestInPiecesIsARequest) {
  RawClient client(path);
  for (const uint8_t octet : encode(to_frame(Request(Reset{ResetTarget::policy})))) {
    client.send({&octet, 1});
    run();
  }
  EXPECT_EQ(client.text(), "yes: done");
}

TEST_F(ServerTest, GarbageIsAnsweredOnceAndHungUpOn) {
  const Bytes huge = from_hex("ffffffff 02 00 0001").value();
  const Bytes unknown = encode(Frame{999, {}});
  const Bytes other_version = from_hex("00000000 07 00 0001").value();
  for (const Bytes& octets : {huge, unknown, other_version}) {
    RawClient client(path);
    client.send(octets);
    run();
    EXPECT_THAT(client.text(), HasSubstr("no: "));
    EXPECT_EQ(client.text(), "hung up");
    EXPECT_EQ(server->clients(), 0U);
  }
  EXPECT_THAT(control.calls, IsEmpty());
}

TEST_F(ServerTest, ClientThatDoesNotReadIsNotReadEither) {
  control.add_sas(64);
  for (auto& sa : control.sas) sa.children.resize(40, child_row());
  RawClient lazy(path), other(path);
  for (int i = 0; i < 20; ++i) lazy.ask(ShowSas{0, 64});
  run();
  // One answer is larger than the socket's buffer, so the second page is not even asked for.
  EXPECT_EQ(control.pages, 1U);
  other.ask(Reload{});
  run();
  EXPECT_EQ(other.text(), "yes: done");

  int answers = 0;
  for (int turns = 0; answers < 20 && turns < 10000; ++turns) {
    if (lazy.text() == "a list") ++answers;
    run();
  }
  EXPECT_EQ(answers, 20);
  EXPECT_EQ(control.pages, 20U);
}

TEST_F(ServerTest, MonitorGetsEveryEventAndIsToldWhatItMissed) {
  RawClient lazy(path);
  EXPECT_FALSE(server->has_listeners());
  lazy.ask(Monitor{});
  run();
  EXPECT_TRUE(server->has_listeners());
  constexpr size_t many = 20000;
  EventRow event = event_row();
  for (size_t i = 0; i < many; ++i) server->tell(event);
  size_t seen = 0, missed = 0;
  const auto drain = [&] {
    while (const auto response = lazy.answer()) {
      const auto& row = std::get<EventRow>(*response);
      if (row.event == "events-missed") {
        missed += std::stoul(row.text);
      } else {
        ++seen;
      }
      run();
    }
  };
  drain();
  EXPECT_LT(seen, many);
  server->tell(event);
  drain();
  EXPECT_EQ(seen + missed, many + 1);
  lazy.close();
  run();
  EXPECT_FALSE(server->has_listeners());
  EXPECT_EQ(server->clients(), 0U);
}

TEST_F(ServerTest, NameCannotForgeALineOfTheLog) {
  RawClient client(path);
  client.ask(Connect{"x\nerror: \x1b[31mall is lost"});
  run();
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_THAT(lines[0], testing::EndsWith("asks: connect x\\x0aerror: \\x1b[31mall is lost"));
}

TEST_F(ServerTest, ClientThatLeavesDuringConnectIsForgotten) {
  control.answer_later = true;
  RawClient client(path);
  client.ask(Connect{"office"});
  run();
  EXPECT_TRUE(server->has_listeners());
  EventRow event = event_row();
  event.policy = "office";
  server->tell(event);
  event.policy = "other";
  server->tell(event);
  ASSERT_TRUE(client.answer());
  EXPECT_FALSE(client.answer());
  client.close();
  run();
  EXPECT_FALSE(server->has_listeners());
  control.unended.at(0)("connected");
  EXPECT_EQ(server->clients(), 0U);
}

TEST_F(ServerTest, ThirtyThirdClientIsTurnedAway) {
  std::vector<RawClient> clients;
  for (size_t i = 0; i < Server::max_clients; ++i) {
    clients.emplace_back(path);
    run();
  }
  RawClient late(path);
  run();
  EXPECT_EQ(late.text(), "no: iked has too many control clients");
  EXPECT_EQ(late.text(), "hung up");
  clients.front().ask(Reload{});
  run();
  EXPECT_EQ(clients.front().text(), "yes: done");
  clients.pop_back();
  run();
  EXPECT_EQ(server->clients(), Server::max_clients - 1);
}

TEST_F(ServerTest, ClientIsTurnedAwayWhenDescriptorsRunOut) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  run();  // UBSan looks at an object's type with a pipe, once; later there is none to be had
  RawClient client(path);
  const Descriptor next(dup(0));
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(next.get());
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  run();  // and comes to an end
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(client.text(), "hung up");
  EXPECT_THAT(lines, Contains(HasSubstr("Too many open files")));
  RawClient later(path);
  later.ask(Reload{});
  run();
  EXPECT_EQ(later.text(), "yes: done");
}

TEST_F(ServerTest, SocketGoesAwayWithTheServer) {
  server.reset();
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace iked::control
