// SPDX-License-Identifier: ISC
#include "daemon/event_loop.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"

namespace iked::daemon {
namespace {

using testing::ElementsAre;

class EventLoopTest : public testing::Test {
 protected:
  void SetUp() override {
    Result<std::unique_ptr<EventLoop>> made = EventLoop::make();
    ASSERT_TRUE(made) << made.error().text;
    loop = std::move(*made);
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    here.reset(ends[0]);
    there.reset(ends[1]);
  }
  void make_readable() { ASSERT_EQ(write(there.get(), "x", 1), 1); }

  std::unique_ptr<EventLoop> loop;
  Descriptor here, there;
};

TEST_F(EventLoopTest, RunReturnsWhatStopWasGiven) {
  loop->defer([&] { loop->stop(7); });
  EXPECT_EQ(loop->run().value(), 7);
}

TEST_F(EventLoopTest, DeadlineNeverFiresEarly) {
  const Time deadline = loop->now() + 20ms;
  Time fired{};
  loop->on_deadline([&] {
    fired = loop->now();
    loop->stop(0);
  });
  loop->set_deadline(deadline);
  ASSERT_TRUE(loop->run());
  EXPECT_GE(fired, deadline);
}

TEST_F(EventLoopTest, DeadlineInThePastFiresAtOnce) {
  int fired = 0;
  loop->on_deadline([&] {
    ++fired;
    loop->stop(0);
  });
  loop->set_deadline(Time{});
  ASSERT_TRUE(loop->run());
  EXPECT_EQ(fired, 1);
}

TEST_F(EventLoopTest, DeadlineFiresOnceAndCanBeSetAgainFromItsHandler) {
  int fired = 0;
  loop->on_deadline([&] {
    if (++fired < 3) {
      loop->set_deadline(loop->now() + 1ms);
    } else {
      loop->stop(0);
    }
  });
  loop->set_deadline(loop->now());
  ASSERT_TRUE(loop->run());
  EXPECT_EQ(fired, 3);
}

TEST_F(EventLoopTest, DeadlineMovedForwardFiresFirst) {
  const Time far = loop->now() + 1000h;
  loop->on_deadline([&] { loop->stop(0); });
  loop->set_deadline(far);
  loop->set_deadline(loop->now() + 1ms);
  ASSERT_TRUE(loop->run());
  EXPECT_LT(loop->now(), far);
}

TEST_F(EventLoopTest, DeadlineTakenBackDoesNotFire) {
  bool fired = false;
  loop->on_deadline([&] { fired = true; });
  loop->set_deadline(loop->now());
  loop->set_deadline(std::nullopt);
  // Two rounds of the loop, so that an armed timer would have had its turn.
  loop->defer([&] { loop->defer([&] { loop->stop(0); }); });
  ASSERT_TRUE(loop->run());
  EXPECT_FALSE(fired);
}

TEST_F(EventLoopTest, WatchedDescriptorCallsBackUntilForgotten) {
  int calls = 0;
  ASSERT_TRUE(loop->watch(here.get(), EPOLLIN, [&](uint32_t events) {
    EXPECT_TRUE(events & EPOLLIN);
    if (++calls == 2) {
      loop->forget(here.get());  // destroys the handler that is running
      loop->defer([&] { loop->stop(0); });
    }
  }));
  make_readable();  // and never read: level-triggered
  ASSERT_TRUE(loop->run());
  EXPECT_EQ(calls, 2);
}

TEST_F(EventLoopTest, SecondWatchReplacesTheFirst) {
  std::vector<int> calls;
  ASSERT_TRUE(loop->watch(here.get(), EPOLLIN, [&](uint32_t) { calls.push_back(1); }));
  ASSERT_TRUE(loop->watch(here.get(), EPOLLIN, [&](uint32_t) {
    calls.push_back(2);
    loop->stop(0);
  }));
  make_readable();
  ASSERT_TRUE(loop->run());
  EXPECT_THAT(calls, ElementsAre(2));
}

TEST_F(EventLoopTest, ClosedDescriptorCannotBeWatched) {
  const Result<void> watched = loop->watch(100000, EPOLLIN, [](uint32_t) {});
  ASSERT_FALSE(watched);
  EXPECT_THAT(watched.error().text, testing::HasSubstr("descriptor 100000"));
}

TEST_F(EventLoopTest, DeferredRunsAfterTheCallbackThatDeferred) {
  std::vector<int> order;
  ASSERT_TRUE(loop->watch(here.get(), EPOLLIN, [&](uint32_t) {
    loop->forget(here.get());
    loop->defer([&] {
      order.push_back(2);
      loop->stop(0);
    });
    order.push_back(1);
  }));
  make_readable();
  ASSERT_TRUE(loop->run());
  EXPECT_THAT(order, ElementsAre(1, 2));
}

TEST_F(EventLoopTest, HandlerThatDefersItselfDoesNotStarveDescriptors) {
  std::function<void()> again = [&] { loop->defer(again); };
  loop->defer(again);
  ASSERT_TRUE(loop->watch(here.get(), EPOLLIN, [&](uint32_t) { loop->stop(0); }));
  make_readable();
  EXPECT_TRUE(loop->run());
}

TEST_F(EventLoopTest, SignalsArriveAsCallbacks) {
  ASSERT_TRUE(loop->on_signal(SIGHUP, [&] { loop->stop(3); }));
  ASSERT_EQ(raise(SIGHUP), 0);
  EXPECT_EQ(loop->run().value(), 3);
}

}  // namespace
}  // namespace iked::daemon
