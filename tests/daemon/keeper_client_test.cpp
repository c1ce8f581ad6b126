// SPDX-License-Identifier: ISC
// iked's side against starters and keepers that do as the test says. Time stands still unless the
// test moves it.
#include "daemon/keeper_client.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "base/log.h"
#include "keeper/protocol.h"

namespace iked::daemon {
namespace {

using keeper::encode;
using keeper::Frame;
using keeper::MessageType;
using keeper::SecretBuffer;
using testing::Contains;
using testing::HasSubstr;

/// Two connected sockets.
struct Ends {
  explicit Ends(int type) {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), 0);
    ours.reset(ends[0]);
    theirs.reset(ends[1]);
  }
  Descriptor ours, theirs;
};

/// The keeper's end of a connection.
class FakeKeeper {
 public:
  explicit FakeKeeper(Descriptor connection) : connection_(std::move(connection)) {}

  void send(const Frame& frame) {
    const SecretBuffer octets = encode(frame);
    ASSERT_EQ(::send(connection_.get(), octets.data(), octets.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(octets.size()));
  }
  void hello(uint32_t version = keeper::protocol_version) {
    send({MessageType::hello, 0, encode(keeper::Hello{version, 4711, 64912})});
  }
  /// What iked has sent and was not taken yet; of type 0 when there is nothing.
  Frame next() {
    for (;;) {
      Result<std::optional<Frame>> frame = frames_.next();
      EXPECT_TRUE(frame);
      if (frame && *frame) return std::move(**frame);
      uint8_t octets[4096];
      iovec part{octets, sizeof octets};
      alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
      msghdr message{};
      message.msg_iov = &part;
      message.msg_iovlen = 1;
      message.msg_control = control;
      message.msg_controllen = sizeof control;
      const ssize_t got = recvmsg(connection_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
      if (got <= 0) return {};
      if (const cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr) {
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(c), sizeof fd);
        passed.reset(fd);
      }
      frames_.add({octets, static_cast<size_t>(got)});
    }
  }
  bool hung_up() {
    char octet = 0;
    return recv(connection_.get(), &octet, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
  }
  int descriptor() const { return connection_.get(); }

  Descriptor passed;

 private:
  Descriptor connection_;
  keeper::FrameReader frames_{keeper::Side::keeper};
};

LoadResult good_config(bool passive = false) {
  LoadResult result;
  result.config.emplace();
  result.config->passive = passive;
  return result;
}

class KeeperClientTest : public testing::Test {
 protected:
  void SetUp() override {
    log::set_sink([this](const log::Record& r) { logged_.emplace_back(r.text); });
    log::set_level(log::Level::debug);
    client_ = std::move(
        *KeeperClient::make(channel_.ours.get(), {"/etc/iked.conf", {}}, [this] { return now_; }));
  }
  void TearDown() override {
    log::set_sink({});
    log::set_level(log::Level::info);
  }

  /// As the starter does.
  FakeKeeper start_keeper(bool says_hello = true) {
    Ends ends(SOCK_STREAM);
    char octet = 'k';
    iovec part{&octet, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    const int fd = ends.theirs.get();
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
    EXPECT_EQ(sendmsg(channel_.theirs.get(), &message, 0), 1);
    FakeKeeper made(std::move(ends.ours));
    if (says_hello) made.hello();
    settle();
    return made;
  }
  /// One that serves a configuration in use.
  FakeKeeper start_serving() {
    FakeKeeper made = start_keeper();
    client_->load([](const Result<LoadResult>&) {});
    const Frame load = made.next();
    EXPECT_EQ(load.type, MessageType::load);
    made.send({MessageType::loaded, load.id, encode(good_config())});
    settle();
    client_->commit();
    made.send({MessageType::done, made.next().id, {}});
    settle();
    return made;
  }
  void settle() {
    for (int i = 0; i < 10; ++i) client_->on_ready();
  }
  void psk(const std::string& policy = "west") {
    client_->psk_auth({SecretId{1}, PrfId::HMAC_SHA2_256, {1}, {2}, policy},
                      [this](Result<PskAuthValues> values) {
                        ++answers_;
                        outcome_ = std::move(values);
                      });
  }
  static SecretBuffer values() {
    return encode(PskAuthValues{SecretBytes(as_bytes("own")), SecretBytes(as_bytes("peer"))});
  }
  /// What iked has asked of the starter: to end the keeper.
  bool asked_to_end() {
    char octet = 0;
    return recv(channel_.theirs.get(), &octet, 1, MSG_DONTWAIT) == 1;
  }

  Time now_{1h};
  Ends channel_{SOCK_SEQPACKET};
  std::unique_ptr<KeeperClient> client_;
  std::vector<std::string> logged_;
  int answers_ = 0;
  Result<PskAuthValues> outcome_ = fail("none");
};

TEST_F(KeeperClientTest, AnswerComesToWhoAsked) {
  FakeKeeper keeper = start_keeper();
  psk();
  const Frame request = keeper.next();
  EXPECT_EQ(request.type, MessageType::psk_auth);
  EXPECT_EQ(keeper::parse_psk_auth_request(request.body).value().policy, "west");
  EXPECT_EQ(answers_, 0);
  keeper.send({MessageType::psk_values, request.id, values()});
  settle();
  ASSERT_TRUE(outcome_);
  EXPECT_TRUE(outcome_->own == SecretBytes(as_bytes("own")));
}

TEST_F(KeeperClientTest, RefusalIsToldSafely) {
  FakeKeeper keeper = start_keeper();
  psk();
  keeper.send({MessageType::refused, keeper.next().id, encode(std::string("no\nsuch \x1b key"))});
  settle();
  ASSERT_FALSE(outcome_);
  EXPECT_EQ(outcome_.error().text, "no\\x0asuch \\x1b key");
}

TEST_F(KeeperClientTest, AnswersInAnotherOrderComeToWhoAsked) {
  FakeKeeper keeper = start_keeper();
  std::vector<int> order;
  for (const int i : {1, 2}) {
    client_->wipe_users([&order, i](const Result<uint64_t>& n) {
      order.push_back(i * 10 + static_cast<int>(n.value_or(9)));
    });
  }
  const Frame first = keeper.next();
  const Frame second = keeper.next();
  keeper.send({MessageType::users_wiped, second.id, encode(uint64_t{2})});
  keeper.send({MessageType::users_wiped, first.id, encode(uint64_t{1})});
  settle();
  EXPECT_THAT(order, testing::ElementsAre(22, 11));
}

TEST_F(KeeperClientTest, BeforeThereIsAKeeperRequestsWait) {
  psk();
  settle();
  EXPECT_EQ(answers_, 0);
  FakeKeeper keeper = start_keeper();
  keeper.send({MessageType::psk_values, keeper.next().id, values()});
  settle();
  EXPECT_TRUE(outcome_);
}

TEST_F(KeeperClientTest, RequestThatWaitsTooLongFailsWithAClearLine) {
  psk();
  EXPECT_EQ(client_->next_deadline(), now_ + KeeperClient::patience);
  now_ += KeeperClient::patience;
  client_->on_deadline();
  settle();
  EXPECT_EQ(answers_, 1);
  EXPECT_EQ(outcome_.error().text, "iked-keeper does not answer");
}

// ---- keepers that misbehave
// ----------------------------------------------------------------------

TEST_F(KeeperClientTest, KeeperThatNeverAnswersIsEnded) {
  FakeKeeper keeper = start_keeper();
  psk();
  now_ += KeeperClient::longest_work;
  client_->on_deadline();
  EXPECT_TRUE(asked_to_end());
  EXPECT_TRUE(keeper.next().id != 0 && keeper.hung_up());
  EXPECT_THAT(logged_, Contains(HasSubstr("is ended and started again")));
  settle();
  EXPECT_EQ(answers_, 0) << "the next keeper gets it";
  FakeKeeper next = start_keeper();
  EXPECT_EQ(next.next().type, MessageType::psk_auth);
}

TEST_F(KeeperClientTest, KeeperThatNeverSaysHelloIsEnded) {
  FakeKeeper keeper = start_keeper(/*says_hello=*/false);
  now_ += KeeperClient::longest_work;
  client_->on_deadline();
  EXPECT_TRUE(asked_to_end());
}

TEST_F(KeeperClientTest, LoadMayTakeLonger) {
  FakeKeeper keeper = start_keeper();
  client_->load([](const Result<LoadResult>&) {});
  psk();
  now_ += KeeperClient::longest_work + 1s;
  client_->on_deadline();
  EXPECT_FALSE(asked_to_end()) << "the request for AUTH values waits behind the load";
}

TEST_F(KeeperClientTest, LateAnswerIsIgnored) {
  FakeKeeper keeper = start_keeper();
  client_->load([](const Result<LoadResult>&) {});
  psk();
  const Frame load = keeper.next();
  const Frame request = keeper.next();
  now_ += KeeperClient::patience;
  client_->on_deadline();
  settle();
  EXPECT_EQ(answers_, 1);
  keeper.send({MessageType::loaded, load.id, encode(good_config())});
  keeper.send({MessageType::psk_values, request.id, values()});
  settle();
  EXPECT_EQ(answers_, 1);
  EXPECT_FALSE(asked_to_end()) << "to be late is no breach of the protocol";
}

TEST_F(KeeperClientTest, SecondAnswerEndsTheKeeper) {
  FakeKeeper keeper = start_keeper();
  psk();
  const Frame request = keeper.next();
  for (int i = 0; i < 2; ++i) keeper.send({MessageType::psk_values, request.id, values()});
  settle();
  EXPECT_EQ(answers_, 1);
  EXPECT_TRUE(outcome_);
  EXPECT_TRUE(asked_to_end());
  EXPECT_THAT(logged_, Contains(HasSubstr("an answer to what nobody asked")));
}

TEST_F(KeeperClientTest, WrongIdTypeOrBodyEndsTheKeeper) {
  for (int what = 0; what < 5; ++what) {
    SCOPED_TRACE(what);
    FakeKeeper keeper = start_keeper();
    answers_ = 0;
    psk();
    const uint64_t id = keeper.next().id;
    if (what == 0) keeper.send({MessageType::psk_values, id + 1, values()});
    if (what == 1) keeper.send({MessageType::signature, id, encode(Bytes{1})});
    if (what == 2) keeper.send({MessageType::psk_values, id, SecretBuffer{1, 2}});
    if (what == 3) keeper.send({MessageType::psk_auth, id, {}});
    if (what == 4) keeper.hello();
    settle();
    EXPECT_TRUE(asked_to_end());
    EXPECT_TRUE(keeper.hung_up());
    EXPECT_THAT(logged_, Contains(HasSubstr("broke the protocol")));
    // Those that have lost a keeper twice fail.
    start_keeper();
    settle();
    EXPECT_EQ(answers_, 1);
    EXPECT_FALSE(outcome_);
  }
}

TEST_F(KeeperClientTest, HugeLengthEndsTheKeeper) {
  FakeKeeper keeper = start_keeper();
  Bytes octets;
  put_u32(octets, 0xffffffff);
  put_u16(octets, static_cast<uint16_t>(MessageType::loaded));
  put_u16(octets, 0);
  put_u64(octets, 1);
  ASSERT_GT(::send(keeper.descriptor(), octets.data(), octets.size(), 0), 0);
  settle();
  EXPECT_TRUE(asked_to_end());
}

TEST_F(KeeperClientTest, KeeperOfAnotherVersionIsNotUsed) {
  psk();
  FakeKeeper keeper = start_keeper(/*says_hello=*/false);
  keeper.hello(keeper::protocol_version + 1);
  settle();
  EXPECT_EQ(answers_, 1);
  EXPECT_THAT(outcome_.error().text, HasSubstr("another version"));
  psk();
  settle();
  EXPECT_EQ(answers_, 2);
  EXPECT_THAT(logged_, Contains(HasSubstr("restart iked")));
}

TEST_F(KeeperClientTest, ItsLogLinesAreLoggedWithTheirPolicyAndWithoutTricks) {
  FakeKeeper keeper = start_keeper();
  std::vector<std::string> seen;
  log::set_sink([&](const log::Record& r) {
    seen.push_back(fmt::format("{} {}|{}", static_cast<int>(r.level), r.about.policy, r.text));
  });
  keeper.send({MessageType::log, 0,
               encode(keeper::LogLine{log::Level::warn, "we\nst", "a\nline\x1b[31m"})});
  settle();
  EXPECT_THAT(seen, testing::ElementsAre("1 we\\x0ast|iked-keeper: a\\x0aline\\x1b[31m"));
}

// ---- keepers that die
// ----------------------------------------------------------------------------

TEST_F(KeeperClientTest, NextKeeperReloadsBeforeItGetsWhatWaits) {
  {
    FakeKeeper dies = start_serving();
    psk();
    EXPECT_EQ(dies.next().type, MessageType::psk_auth);
  }
  settle();
  EXPECT_EQ(answers_, 0);
  EXPECT_THAT(logged_, Contains(HasSubstr("(pid 4711) has ended: tunnels stay up")));
  FakeKeeper keeper = start_keeper();
  const Frame load = keeper.next();
  EXPECT_EQ(load.type, MessageType::load);
  EXPECT_EQ(keeper.next().type, MessageType{}) << "nothing else yet";
  keeper.send({MessageType::loaded, load.id, encode(good_config())});
  settle();
  const Frame commit = keeper.next();
  EXPECT_EQ(commit.type, MessageType::commit);
  EXPECT_EQ(keeper.next().type, MessageType{});
  keeper.send({MessageType::done, commit.id, {}});
  settle();
  const Frame request = keeper.next();
  EXPECT_EQ(request.type, MessageType::psk_auth);
  keeper.send({MessageType::psk_values, request.id, values()});
  settle();
  EXPECT_TRUE(outcome_);
  EXPECT_THAT(logged_, Contains(HasSubstr("iked-keeper is back")));
  EXPECT_THAT(logged_, testing::Not(Contains(HasSubstr("has changed"))));
}

TEST_F(KeeperClientTest, ChangedFileIsSaidButNotUsed) {
  start_serving();
  settle();
  FakeKeeper keeper = start_keeper();
  keeper.send({MessageType::loaded, keeper.next().id, encode(good_config(/*passive=*/true))});
  settle();
  EXPECT_THAT(logged_, Contains(HasSubstr("has changed since it was read: 'ikectl reload'")));
}

TEST_F(KeeperClientTest, FileThatIsBrokenByThenIsSaid) {
  start_serving();
  settle();
  FakeKeeper keeper = start_keeper();
  const LoadResult broken{std::nullopt, {{Severity::error, "what is this?", "/etc/iked.conf:1:1"}}};
  keeper.send({MessageType::loaded, keeper.next().id, encode(broken)});
  settle();
  EXPECT_THAT(logged_, Contains(HasSubstr("what is this?")));
  EXPECT_THAT(logged_, Contains(HasSubstr("new authentications fail until")));
  psk();
  EXPECT_EQ(keeper.next().type, MessageType::psk_auth) << "the keeper says what it lacks";
}

TEST_F(KeeperClientTest, RequestThatKillsTwoKeepersFails) {
  for (int i = 0; i < 2; ++i) {
    FakeKeeper keeper = start_keeper();
    if (i == 0) psk();
    EXPECT_EQ(keeper.next().type, MessageType::psk_auth);
    EXPECT_EQ(answers_, 0);
  }
  settle();
  EXPECT_EQ(answers_, 1);
  EXPECT_EQ(outcome_.error().text, "iked-keeper died over it");
}

TEST_F(KeeperClientTest, KeeperThatDiesInTheMiddleOfAnAnswerIsDead) {
  {
    FakeKeeper keeper = start_keeper();
    psk();
    const SecretBuffer octets = encode(Frame{MessageType::psk_values, keeper.next().id, values()});
    ASSERT_GT(::send(keeper.descriptor(), octets.data(), octets.size() - 1, 0), 0);
    settle();
  }
  settle();
  EXPECT_EQ(answers_, 0);
  FakeKeeper next = start_keeper();
  const Frame again = next.next();
  EXPECT_EQ(again.type, MessageType::psk_auth);
  next.send({MessageType::psk_values, again.id, values()});
  settle();
  EXPECT_TRUE(outcome_) << "nothing of the old connection is left";
}

TEST_F(KeeperClientTest, DeadStarterIsAnErrorThatSaysWhatToDo) {
  FakeKeeper keeper = start_keeper();
  channel_.theirs.reset();
  settle();
  EXPECT_THAT(logged_, Contains(HasSubstr("restart iked soon")));
  psk();
  keeper.send({MessageType::psk_values, keeper.next().id, values()});
  settle();
  EXPECT_TRUE(outcome_) << "the keeper still serves";
}

TEST_F(KeeperClientTest, ConnectionThatGotLostForWantOfDescriptorsIsAnError) {
  char octet = 'k';
  ASSERT_EQ(::send(channel_.theirs.get(), &octet, 1, 0), 1);
  settle();
  EXPECT_THAT(logged_, Contains(HasSubstr("LimitNOFILE=")));
  EXPECT_TRUE(asked_to_end());
}

// ---- limits and descriptors
// ----------------------------------------------------------------------

TEST_F(KeeperClientTest, TooManyRequestsAreRefusedFromALaterCall) {
  for (size_t i = 0; i < KeeperClient::most_waiting; ++i) psk();
  EXPECT_EQ(answers_, 0);
  psk();
  EXPECT_EQ(answers_, 0) << "never from within the call";
  settle();
  EXPECT_EQ(answers_, 1);
  EXPECT_THAT(outcome_.error().text, HasSubstr("too many"));
}

TEST_F(KeeperClientTest, RequestThatIsTooLongIsNotSent) {
  FakeKeeper keeper = start_keeper();
  client_->psk_auth({SecretId{1}, PrfId::HMAC_SHA2_256, Bytes(300'000), {}, "west"},
                    [this](Result<PskAuthValues> values) { outcome_ = std::move(values); });
  settle();
  EXPECT_THAT(outcome_.error().text, HasSubstr("too long"));
  EXPECT_EQ(keeper.next().type, MessageType{});
}

TEST_F(KeeperClientTest, SecretsPipeIsPassedOnUnread) {
  FakeKeeper keeper = start_keeper();
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  Descriptor reader(ends[0]);
  const Descriptor writer(ends[1]);
  ASSERT_EQ(write(writer.get(), "secret", 6), 6);
  SecretId got;
  psk();
  client_->take_secret(std::move(reader), [&](Result<SecretId> id) { got = id.value_or(got); });
  settle();
  EXPECT_EQ(keeper.next().type, MessageType::psk_auth);
  const Frame request = keeper.next();
  EXPECT_EQ(request.type, MessageType::take_secret);
  char text[16] = {};
  EXPECT_EQ(read(keeper.passed.get(), text, sizeof text), 6);
  EXPECT_STREQ(text, "secret");
  keeper.send({MessageType::secret_taken, request.id, encode(SecretId{9})});
  settle();
  EXPECT_EQ(got, SecretId{9});
}

TEST_F(KeeperClientTest, NobodyIsCalledAfterTheEnd) {
  psk();
  client_.reset();
  EXPECT_EQ(answers_, 0);
}

}  // namespace
}  // namespace iked::daemon
