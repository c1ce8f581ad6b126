// SPDX-License-Identifier: ISC
#include "ike/window.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace iked::ike {
namespace {

using Verdict = Window::Verdict;

constexpr ExchangeType init = ExchangeType::IKE_SA_INIT;
constexpr ExchangeType info = ExchangeType::INFORMATIONAL;
constexpr uint32_t last_id = 0xffffffff;

Datagrams one(std::string_view text) {
  return {to_bytes(as_bytes(text))};
}

// ---- requests of the peer

TEST(Window, EachRequestIsAnsweredOnce) {  // R043, R057, R058
  Window window;
  for (uint32_t id = 0; id < 5; ++id) {
    EXPECT_EQ(window.classify_request({id}), Verdict::fresh);
    window.begin_request({id});
    EXPECT_TRUE(window.answering());
    EXPECT_EQ(window.request_being_answered(), MessageId{id});
    EXPECT_EQ(window.classify_request({id}), Verdict::in_progress);
    EXPECT_EQ(window.classify_request({id + 1}), Verdict::ahead);
    window.answered(one(std::to_string(id)));
    EXPECT_FALSE(window.answering());
    EXPECT_EQ(window.classify_request({id}), Verdict::repeated);
    EXPECT_EQ(window.last_response(), one(std::to_string(id)));
    EXPECT_EQ(window.classify_request({id + 2}), Verdict::ahead);
    if (id > 0) {
      EXPECT_EQ(window.classify_request({id - 1}), Verdict::stale);
    }
  }
}

TEST(Window, NothingIsRepeatedBeforeTheFirstAnswer) {
  const Window window;
  EXPECT_EQ(window.classify_request({0}), Verdict::fresh);
  EXPECT_EQ(window.classify_request({1}), Verdict::ahead);
  EXPECT_EQ(window.classify_request({last_id}), Verdict::ahead);
  EXPECT_TRUE(window.last_response().empty());
}

TEST(Window, AnInitiatorExpectsThePeersFirstRequestAsZero) {  // R050
  Window window;
  window.sent({0}, init, one("init"), Time{});
  window.response_accepted();
  window.sent({1}, ExchangeType::IKE_AUTH, one("auth"), Time{});
  EXPECT_EQ(window.classify_request({0}), Verdict::fresh);
}

// What an earlier process answered cannot be repeated: its octets are gone.
TEST(Window, WithoutTheResponseARepetitionIsStale) {
  const Window window({5}, {7});
  EXPECT_EQ(window.classify_request({6}), Verdict::stale);
  EXPECT_EQ(window.classify_request({7}), Verdict::fresh);
  EXPECT_EQ(window.next_own_id(), MessageId{5});
}

TEST(Window, PeersNumbersEndWithoutWrapping) {  // R051
  Window window({0}, {last_id});
  EXPECT_EQ(window.classify_request({last_id}), Verdict::fresh);
  window.begin_request({last_id});
  window.answered(one("last"));
  EXPECT_EQ(window.classify_request({last_id}), Verdict::repeated);
  EXPECT_EQ(window.classify_request({0}), Verdict::stale);
  EXPECT_EQ(window.classify_request({last_id - 1}), Verdict::stale);
}

// ---- our own requests

TEST(Window, OurRequestsCountFromZero) {  // R049, R050
  Window window;
  for (uint32_t id = 0; id < 4; ++id) {
    EXPECT_EQ(window.next_own_id(), MessageId{id});
    window.sent({id}, id == 0 ? init : info, one("r"), Time{});
    EXPECT_TRUE(window.waiting());
    window.response_accepted();
    EXPECT_FALSE(window.waiting());
  }
}

TEST(Window, OnlyTheOutstandingRequestHasAnAnswer) {  // R053
  Window window;
  EXPECT_FALSE(window.expects_response({0}, init));
  window.sent({0}, init, one("r"), Time{});
  EXPECT_TRUE(window.expects_response({0}, init));
  EXPECT_FALSE(window.expects_response({0}, info));
  EXPECT_FALSE(window.expects_response({1}, init));
  window.response_accepted();
  EXPECT_FALSE(window.expects_response({0}, init));
}

TEST(Window, OneRequestAtATime) {  // R054, R055
  Window window;
  window.sent({0}, init, one("r"), Time{});
  EXPECT_DEATH(window.sent({1}, info, one("s"), Time{}), "internal error");
  window.response_accepted();
  window.sent({1}, info, one("r"), Time{});
  EXPECT_DEATH(window.sent({2}, info, one("s"), Time{}), "internal error");
}

TEST(Window, NoIdServesTwoRequests) {  // R052
  Window window;
  window.sent({0}, init, one("r"), Time{});
  window.response_accepted();
  EXPECT_DEATH(window.sent({0}, info, one("s"), Time{}), "internal error");
  EXPECT_DEATH(window.sent({2}, info, one("s"), Time{}), "internal error");
  window.sent({1}, info, one("r"), Time{});
  EXPECT_DEATH(window.sent({1}, info, one("other"), Time{}), "internal error");
}

TEST(Window, InitMayBeSentAgainWithACookie) {  // R049
  Window window;
  window.sent({0}, init, one("without"), Time{});
  ASSERT_NE(window.retransmit(Time{} + 1s), nullptr);
  EXPECT_EQ(window.transmissions(), 2U);
  window.sent({0}, init, one("with"), Time{} + 2s);
  EXPECT_EQ(window.transmissions(), 1U);
  EXPECT_EQ(window.retransmit_at(), Time{} + 3s);
  EXPECT_EQ(*window.retransmit(Time{} + 3s), one("with"));
  window.response_accepted();
  EXPECT_EQ(window.next_own_id(), MessageId{1});
}

TEST(Window, OurNumbersEndWithoutWrapping) {  // R051
  Window window({last_id - 1}, {0});
  for (uint32_t id : {last_id - 1, last_id}) {
    EXPECT_EQ(window.next_own_id(), MessageId{id});
    window.sent({id}, info, one("r"), Time{});
    window.response_accepted();
  }
  EXPECT_FALSE(window.next_own_id());
  EXPECT_DEATH(window.sent({0}, info, one("r"), Time{}), "internal error");
}

TEST(Window, RequestsArePossibleBothWaysAtOnce) {  // R061
  Window window;
  window.sent({0}, info, one("ours"), Time{});
  EXPECT_EQ(window.classify_request({0}), Verdict::fresh);
  window.begin_request({0});
  window.answered(one("answer"));
  EXPECT_TRUE(window.expects_response({0}, info));
  window.response_accepted();
  EXPECT_EQ(window.classify_request({1}), Verdict::fresh);
}

// ---- time

TEST(Window, RetransmitsUntilThePeerCountsAsDead) {  // R044, R045, R047
  Window window;
  EXPECT_FALSE(window.retransmit_at());
  const Datagrams request = one("the very same");
  const Time begin = Time{} + 100s;
  window.sent({0}, init, request, begin);
  std::vector<Duration> at;
  for (;;) {
    ASSERT_TRUE(window.retransmit_at());
    const Time now = *window.retransmit_at();
    at.push_back(now - begin);
    const Datagrams* again = window.retransmit(now);
    if (again == nullptr) break;
    EXPECT_EQ(*again, request);
    ASSERT_LT(at.size(), 100U);
  }
  EXPECT_EQ(at, (std::vector<Duration>{1s, 3s, 7s, 15s, 30s}));
  EXPECT_EQ(window.transmissions(), 5U);
}

// Whatever the total: the pauses add up to it, never shrink but for the last, and none is endless.
TEST(Window, PausesAddUp) {
  for (int64_t seconds = 1; seconds <= 3600; ++seconds) {
    const Duration total = std::chrono::seconds(seconds);
    Duration sum{0};
    Duration before{0};
    size_t n = 1;
    for (; const auto pause = pause_after(n, total); ++n) {
      ASSERT_GT(*pause, Duration(0));
      ASSERT_LE(*pause, 90s);
      if (pause_after(n + 1, total)) {
        ASSERT_GE(*pause, before) << seconds;
      }
      before = *pause;
      sum += *pause;
    }
    ASSERT_EQ(sum, total) << seconds;
    ASSERT_GE(n, 5U) << seconds;
    ASSERT_LE(n, 66U) << seconds;
  }
}

TEST(Window, ALateTimerCountsFromWhenItRan) {
  Window window;
  window.sent({0}, init, one("r"), Time{});
  ASSERT_NE(window.retransmit(Time{} + 10s), nullptr);
  EXPECT_EQ(window.retransmit_at(), Time{} + 12s);
}

TEST(Window, NothingIsRetransmittedAfterTheAnswer) {
  Window window;
  window.sent({0}, init, one("r"), Time{});
  window.response_accepted();
  EXPECT_FALSE(window.retransmit_at());
  EXPECT_EQ(window.transmissions(), 0U);
  window.sent({1}, info, one("r"), Time{});
  window.abandon();
  EXPECT_FALSE(window.retransmit_at());
  EXPECT_FALSE(window.expects_response({1}, info));
  // The number is used up all the same.
  EXPECT_EQ(window.next_own_id(), MessageId{2});
}

// ---- against a model

// Everything that was ever answered, instead of two counters.
struct Model {
  uint64_t first = 0;
  std::map<uint64_t, Datagrams> answers;  // by message ID
  std::optional<uint64_t> in_work;

  uint64_t next() const {
    return in_work ? *in_work : answers.empty() ? first : answers.rbegin()->first + 1;
  }
  Verdict verdict(uint32_t id) const {
    if (in_work == id) return Verdict::in_progress;
    if (id == next()) return Verdict::fresh;
    if (id > next()) return Verdict::ahead;
    // Window 1: the last answer alone is kept.
    return !answers.empty() && answers.rbegin()->first == id ? Verdict::repeated : Verdict::stale;
  }
};

void run_against_model(uint64_t seed, uint32_t first) {
  std::mt19937_64 random(seed);
  Window window({0}, {first});
  Model model{first, {}, {}};
  std::map<Verdict, int> seen;
  for (int step = 0; step < 3000; ++step) {
    const auto id = static_cast<uint32_t>(model.next() + random() % 9 - 4);
    const Verdict verdict = window.classify_request({id});
    ASSERT_EQ(verdict, model.verdict(id)) << "seed " << seed << " step " << step << " id " << id;
    ++seen[verdict];
    if (verdict == Verdict::repeated) {
      ASSERT_EQ(window.last_response(), model.answers.rbegin()->second);
    }
    if (verdict == Verdict::fresh && random() % 2 == 0) {
      window.begin_request({id});
      model.in_work = id;
    }
    ASSERT_EQ(window.answering(), model.in_work.has_value());
    if (model.in_work && random() % 3 == 0) {
      ASSERT_EQ(window.request_being_answered().value, *model.in_work);
      Datagrams response = {Bytes(1 + random() % 20)};
      for (uint8_t& octet : response.front()) octet = static_cast<uint8_t>(random());
      window.answered(response);
      model.answers[*model.in_work] = std::move(response);
      model.in_work.reset();
    }
  }
  EXPECT_GT(seen[Verdict::fresh], 0) << "seed " << seed;
  EXPECT_GT(seen[Verdict::repeated] + seen[Verdict::stale], 0) << "seed " << seed;
}

TEST(WindowProperty, RandomRequestsAreJudgedAsByTheModel) {
  for (uint64_t seed = 1; seed <= 20; ++seed) run_against_model(seed, 0);
}

TEST(WindowProperty, AlsoWhereTheNumbersEnd) {  // R051
  for (uint64_t seed = 1; seed <= 20; ++seed) run_against_model(seed, last_id - 20);
}

TEST(Window, ForgottenRequestIsFreshAgain) {
  Window window;
  window.begin_request(MessageId{0});
  window.answered({Bytes{1}});
  window.begin_request(MessageId{1});
  EXPECT_EQ(window.classify_request(MessageId{1}), Window::Verdict::in_progress);
  window.forget_request();
  EXPECT_FALSE(window.answering());
  EXPECT_EQ(window.classify_request(MessageId{1}), Window::Verdict::fresh);
  // The answer to the one before is still there.
  EXPECT_EQ(window.classify_request(MessageId{0}), Window::Verdict::repeated);
  window.begin_request(MessageId{1});
  window.answered({Bytes{2}});
  EXPECT_EQ(window.classify_request(MessageId{1}), Window::Verdict::repeated);
}

// The address of the peer is another one now: what was tried at the old one does not count.
TEST(Window, StartingOverBeginsTheRepetitionsAnew) {
  Window window;
  EXPECT_EQ(window.start_over(Time{}), nullptr);
  window.sent({0}, info, one("r"), Time{});
  for (int i = 0; i < 3; ++i) ASSERT_NE(window.retransmit(*window.retransmit_at()), nullptr);
  const Time later = Time{} + 14s;
  const Datagrams* request = window.start_over(later);
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(*request, one("r"));
  EXPECT_EQ(window.transmissions(), 1U);
  EXPECT_EQ(window.retransmit_at(), later + 1s);
}

// Counted for each answer by itself: an answer that the peer asks for often may be too large.
TEST(Window, EachAnswerCountsItsOwnRepetitions) {
  Window window;
  for (uint32_t id = 0; id < 3; ++id) {
    window.begin_request({id});
    window.answered(one("answer"));
    for (size_t n = 1; n < 4; ++n) EXPECT_EQ(window.response_repeated(), n);
  }
}

}  // namespace
}  // namespace iked::ike
