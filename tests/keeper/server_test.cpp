// SPDX-License-Identifier: ISC
// The keeper's side against an iked that does as the test says. The server runs in a thread.
#include "keeper/server.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "keeper/protocol.h"
#include "keeper/temporary_folder.h"

namespace iked::keeper {
namespace {

using testing::HasSubstr;

class FakeKeeper final : public Keeper {
 public:
  LoadResult load(const LoadRequest& request) override {
    return {std::nullopt, {{Severity::error, "asked for " + request.path, ""}}};
  }
  void commit() override {}
  Result<PskAuthValues> psk_auth(const PskAuthRequest& request) override {
    if (request.policy != "west") return fail("not the key of {}", request.policy);
    return PskAuthValues{SecretBytes(ByteView(request.own_octets)), SecretBytes(size_t{1})};
  }
  Result<SecretId> take_secret(SecretBytes secret) override { return SecretId{secret.size()}; }
};

/// Both ends of a pipe.
struct Pipe {
  Pipe() {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    reader.reset(ends[0]);
    writer.reset(ends[1]);
  }
  void write(std::string_view text) const {
    EXPECT_EQ(::write(writer.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  Descriptor reader, writer;
};

class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    iked_.reset(ends[0]);
    thread_ = std::thread([this, fd = ends[1]] {
      Server server(keeper_, {"/etc/iked.conf", {}}, Descriptor(fd));
      outcome_ = server.run();
    });
    const Frame hello = next();
    EXPECT_EQ(hello.type, MessageType::hello);
    EXPECT_EQ(parse_hello(hello.body).value_or(Hello{0}).version, protocol_version);
  }
  void TearDown() override { end(); }

  /// What run() returned.
  Result<void> end() {
    iked_.reset();
    if (thread_.joinable()) thread_.join();
    return outcome_;
  }
  void send(ByteView octets, int descriptor = -1) {
    iovec part{const_cast<uint8_t*>(octets.data()), octets.size()};  // NOLINT: only read
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (descriptor >= 0) {
      message.msg_control = control;
      message.msg_controllen = sizeof control;
      cmsghdr* const header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(sizeof(int));
      std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    }
    // The server may have hung up already: what it answered tells.
    [[maybe_unused]] const ssize_t sent = sendmsg(iked_.get(), &message, MSG_NOSIGNAL);
  }
  void ask(MessageType type, uint64_t id, SecretBuffer body = {}, int descriptor = -1) {
    send(encode(Frame{type, id, std::move(body)}), descriptor);
  }
  /// The next message; of type 0 when the server has hung up.
  Frame next() {
    for (;;) {
      Result<std::optional<Frame>> frame = frames_.next();
      EXPECT_TRUE(frame);
      if (!frame) return {};
      if (*frame) return std::move(**frame);
      uint8_t octets[4096];
      const ssize_t got = recv(iked_.get(), octets, sizeof octets, 0);
      if (got <= 0) return {};
      frames_.add({octets, static_cast<size_t>(got)});
    }
  }
  std::string next_refusal(uint64_t id) {
    const Frame frame = next();
    EXPECT_EQ(frame.type, MessageType::refused);
    EXPECT_EQ(frame.id, id);
    return parse_text(frame.body).value_or("");
  }
  SecretBuffer psk(const std::string& policy = "west") {
    return encode(PskAuthRequest{SecretId{1}, PrfId::HMAC_SHA2_256, {1, 2, 3}, {}, policy});
  }

  FakeKeeper keeper_;
  Descriptor iked_;
  FrameReader frames_{Side::iked};
  std::thread thread_;
  Result<void> outcome_;
};

TEST_F(ServerTest, LoadsWhatItWasStartedWith) {
  ask(MessageType::load, 5);
  const Frame frame = next();
  EXPECT_EQ(frame.type, MessageType::loaded);
  EXPECT_EQ(frame.id, 5u);
  const auto result = parse_load_result(frame.body);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->diagnostics.at(0).text, "asked for /etc/iked.conf");
  EXPECT_TRUE(end()) << "iked closing the connection is no error";
}

TEST_F(ServerTest, AnswersAndRefusesWithTheRequestsId) {
  ask(MessageType::psk_auth, 6, psk());
  const Frame frame = next();
  EXPECT_EQ(frame.type, MessageType::psk_values);
  EXPECT_EQ(frame.id, 6u);
  EXPECT_TRUE(parse_psk_auth_values(frame.body).value().own ==
              SecretBytes(ByteView(Bytes{1, 2, 3})));
  ask(MessageType::psk_auth, 7, psk("east"));
  EXPECT_EQ(next_refusal(7), "not the key of east");
}

TEST_F(ServerTest, WhatItCannotDoYetIsRefused) {
  ask(MessageType::eap, 1, encode(EapRequest{}));
  EXPECT_THAT(next_refusal(1), HasSubstr("cannot do that"));
  ask(MessageType::sign, 2, encode(SignRequest{}));
  EXPECT_THAT(next_refusal(2), HasSubstr("cannot do that"));
  ask(MessageType::log_in, 3, encode(TokenLogin{}));
  EXPECT_THAT(next_refusal(3), HasSubstr("cannot do that"));
  ask(MessageType::log_out, 4, encode(std::string("pkcs11:")));
  EXPECT_THAT(next_refusal(4), HasSubstr("cannot do that"));
  ask(MessageType::list_public, 5);
  EXPECT_EQ(next().type, MessageType::public_parts);
}

TEST_F(ServerTest, BrokenRequestsEndTheConnection) {
  SecretBuffer body = psk();
  body.pop_back();
  ask(MessageType::psk_auth, 1, body);
  EXPECT_EQ(next().type, MessageType{});
  EXPECT_FALSE(end());
}

TEST_F(ServerTest, HugeLengthEndsTheConnection) {
  Bytes octets;
  put_u32(octets, 0xffffffff);
  put_u16(octets, static_cast<uint16_t>(MessageType::psk_auth));
  put_u16(octets, 0);
  put_u64(octets, 1);
  send(octets);
  EXPECT_EQ(next().type, MessageType{});
  EXPECT_FALSE(end());
}

TEST_F(ServerTest, AnswersAreNoRequests) {
  ask(MessageType::loaded, 1);
  EXPECT_EQ(next().type, MessageType{});
  EXPECT_FALSE(end());
}

// It reads on only when its answers are taken: a flood fills the sender's own socket.
TEST_F(ServerTest, FloodWaitsForItself) {
  const SecretBuffer one = encode(Frame{MessageType::psk_auth, 1, psk()});
  ASSERT_EQ(fcntl(iked_.get(), F_SETFL, O_NONBLOCK), 0);
  size_t sent = 0;
  size_t partial = 0;
  for (int stuck = 0; stuck < 3;) {
    const ssize_t n = ::send(iked_.get(), one.data() + partial, one.size() - partial, MSG_NOSIGNAL);
    if (n < 0) {
      ASSERT_EQ(errno, EAGAIN);
      // Until the server makes no progress either.
      pollfd room{iked_.get(), POLLOUT, 0};
      stuck = poll(&room, 1, 100) == 0 ? stuck + 1 : 0;
      continue;
    }
    partial = (partial + static_cast<size_t>(n)) % one.size();
    if (partial == 0) ++sent;
    ASSERT_LT(sent, 1'000'000u) << "the server takes whatever comes";
  }
  ASSERT_EQ(fcntl(iked_.get(), F_SETFL, 0), 0);
  for (size_t i = 0; i < sent; ++i) ASSERT_EQ(next().type, MessageType::psk_values);
}

TEST_F(ServerTest, SecretComesThroughAPipe) {
  Pipe pipe;
  ask(MessageType::take_secret, 3, {}, pipe.reader.get());
  pipe.write("correct ");
  // Whoever types slowly holds up nobody.
  ask(MessageType::psk_auth, 4, psk());
  EXPECT_EQ(next().id, 4u);
  pipe.write("horse");
  pipe.writer.reset();
  const Frame frame = next();
  EXPECT_EQ(frame.type, MessageType::secret_taken);
  EXPECT_EQ(frame.id, 3u);
  EXPECT_EQ(parse_secret_id(frame.body).value_or(SecretId{}), SecretId{13});
}

TEST_F(ServerTest, SecretFromAnythingElseIsRefused) {
  ask(MessageType::take_secret, 1);
  EXPECT_THAT(next_refusal(1), HasSubstr("no descriptor"));
  test::TemporaryFolder folder;
  const Descriptor file(open(folder.write("key", "secret").c_str(), O_RDONLY | O_CLOEXEC));
  ask(MessageType::take_secret, 2, {}, file.get());
  EXPECT_THAT(next_refusal(2), HasSubstr("from a pipe only"));
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ask(MessageType::take_secret, 3, {}, socket.get());
  EXPECT_THAT(next_refusal(3), HasSubstr("from a pipe only"));
  Pipe pipe;
  ask(MessageType::take_secret, 4, {}, pipe.writer.get());
  EXPECT_THAT(next_refusal(4), HasSubstr("cannot be read"));
}

TEST_F(ServerTest, SecretsHaveASize) {
  Pipe empty;
  ask(MessageType::take_secret, 1, {}, empty.reader.get());
  empty.writer.reset();
  EXPECT_THAT(next_refusal(1), HasSubstr("empty"));
  Pipe endless;
  ask(MessageType::take_secret, 2, {}, endless.reader.get());
  endless.write(std::string(8192, 'x'));
  EXPECT_THAT(next_refusal(2), HasSubstr("too long"));
}

TEST_F(ServerTest, OnlySoManySecretsAreOnTheirWay) {
  std::vector<Pipe> pipes(9);
  for (size_t i = 0; i < pipes.size(); ++i) {
    ask(MessageType::take_secret, i, {}, pipes[i].reader.get());
  }
  EXPECT_THAT(next_refusal(8), HasSubstr("too many"));
}

// Descriptors that come with anything but take_secret must not use up the keeper's.
TEST_F(ServerTest, PassedDescriptorsDoNotPileUp) {
  std::vector<Pipe> pipes(20);
  for (Pipe& pipe : pipes) {
    ask(MessageType::psk_auth, 1, psk(), pipe.reader.get());
    EXPECT_EQ(next().type, MessageType::psk_values);
    pipe.reader.reset();
  }
  // Those that it has closed have no reader any more.
  size_t closed = 0;
  for (const Pipe& pipe : pipes) {
    pollfd end{pipe.writer.get(), POLLOUT, 0};
    poll(&end, 1, 0);
    closed += (end.revents & POLLERR) != 0 ? 1 : 0;
  }
  EXPECT_GE(closed, pipes.size() - 5);
}

}  // namespace
}  // namespace iked::keeper
