// SPDX-License-Identifier: ISC
#include "daemon/worker_pool.h"

#include <gmock/gmock.h>
#include <poll.h>

#include <atomic>
#include <latch>
#include <set>

namespace iked::daemon {
namespace {

using ike::FinishedJob;
using ike::KeyExchangeJob;
using ike::KeyExchangeResult;
using ike::ResolveJob;
using ike::ResolveResult;
using testing::ElementsAre;
using testing::IsEmpty;

/// Answers each key exchange with the group's number as public value.
ike::KeyExchangeOutcome echo(const KeyExchangeJob& job) {
  return KeyExchangeResult{.public_value = {static_cast<uint8_t>(job.group)}, .shared = {}};
}

Result<ResolveResult> no_names(const ResolveJob&) {
  return fail("no such name");
}

std::unique_ptr<WorkerPool> pool_of(JobRunners runners, WorkerPoolSize size = {}) {
  Result<std::unique_ptr<WorkerPool>> pool = WorkerPool::make(std::move(runners), size);
  if (!pool) ADD_FAILURE() << pool.error().text;
  return std::move(*pool);
}

/// Waits for `count` results, as an event loop does.
std::vector<FinishedJob> wait_for(WorkerPool& pool, size_t count) {
  std::vector<FinishedJob> all;
  while (all.size() < count) {
    pollfd wait{pool.finished_fd(), POLLIN, 0};
    poll(&wait, 1, -1);
    for (FinishedJob& done : pool.take_finished()) all.push_back(std::move(done));
  }
  return all;
}

TEST(WorkerPool, ResultsComeBackWithTheirJobs) {
  const auto pool = pool_of({echo, no_names}, {.key_exchange_threads = 3});
  for (uint64_t i = 1; i <= 200; ++i) {
    ASSERT_TRUE(pool->submit(
        JobId{i}, KeyExchangeJob{.group = KeId{static_cast<uint16_t>(i)}, .random = {}}));
  }
  std::set<JobId> seen;
  for (const FinishedJob& done : wait_for(*pool, 200)) {
    const auto& result = std::get<ike::KeyExchangeOutcome>(done.result);
    ASSERT_TRUE(result);
    EXPECT_THAT(result->public_value, ElementsAre(done.id.value));
    seen.insert(done.id);
  }
  EXPECT_EQ(seen.size(), 200U);
}

TEST(WorkerPool, FailedLookUpIsAResultToo) {
  const auto pool = pool_of({echo, no_names});
  ASSERT_TRUE(pool->submit(JobId{1}, ResolveJob{}));
  const std::vector<FinishedJob> done = wait_for(*pool, 1);
  EXPECT_EQ(std::get<Result<ResolveResult>>(done[0].result).error().text, "no such name");
}

TEST(WorkerPool, FinishedDescriptorIsQuietOnceResultsAreTaken) {
  const auto pool = pool_of({echo, no_names});
  ASSERT_TRUE(pool->submit(JobId{1}, KeyExchangeJob{}));
  wait_for(*pool, 1);
  pollfd wait{pool->finished_fd(), POLLIN, 0};
  EXPECT_EQ(poll(&wait, 1, 0), 0);
  EXPECT_THAT(pool->take_finished(), IsEmpty());
}

TEST(WorkerPool, HangingLookUpDoesNotHoldUpKeyExchanges) {
  std::latch answer(1);
  const auto pool = pool_of({echo, [&](const ResolveJob&) -> Result<ResolveResult> {
                               answer.wait();
                               return ResolveResult{};
                             }});
  ASSERT_TRUE(pool->submit(JobId{1}, ResolveJob{}));
  ASSERT_TRUE(pool->submit(JobId{2}, KeyExchangeJob{}));
  EXPECT_EQ(wait_for(*pool, 1)[0].id, JobId{2});
  answer.count_down();
  EXPECT_EQ(wait_for(*pool, 1)[0].id, JobId{1});
}

TEST(WorkerPool, FullQueueRefuses) {
  std::latch started(1), go_on(1);
  const auto pool = pool_of({[&](const KeyExchangeJob& job) {
                               if (job.group == KeId::CURVE25519) {
                                 started.count_down();
                                 go_on.wait();
                               }
                               return echo(job);
                             },
                             no_names},
                            {.max_waiting = 2});
  ASSERT_TRUE(pool->submit(JobId{1}, KeyExchangeJob{.group = KeId::CURVE25519, .random = {}}));
  started.wait();
  EXPECT_TRUE(pool->submit(JobId{2}, KeyExchangeJob{}));
  EXPECT_TRUE(pool->submit(JobId{3}, KeyExchangeJob{}));
  EXPECT_FALSE(pool->submit(JobId{4}, KeyExchangeJob{}));
  EXPECT_TRUE(pool->submit(JobId{5}, ResolveJob{})) << "look-ups have a queue of their own";
  go_on.count_down();
  EXPECT_EQ(wait_for(*pool, 4).size(), 4U);
}

TEST(WorkerPool, StopDropsWhatWaits) {
  std::latch started(1), go_on(1);
  std::atomic<int> ran = 0;
  const auto pool = pool_of({[&](const KeyExchangeJob& job) {
                               ++ran;
                               started.count_down();
                               go_on.wait();
                               return echo(job);
                             },
                             no_names});
  ASSERT_TRUE(pool->submit(JobId{1}, KeyExchangeJob{}));
  started.wait();
  ASSERT_TRUE(pool->submit(JobId{2}, KeyExchangeJob{}));
  EXPECT_FALSE(pool->stop(0ms)) << "the first job still runs";
  EXPECT_FALSE(pool->submit(JobId{3}, KeyExchangeJob{}));
  go_on.count_down();
  while (!pool->stop(1h)) {
  }
  EXPECT_EQ(ran, 1);
}

TEST(WorkerPool, StopGivesUpOnALookUpThatHangs) {
  std::latch started(1), never_answers(1);
  const auto pool = pool_of({echo, [&](const ResolveJob&) -> Result<ResolveResult> {
                               started.count_down();
                               never_answers.wait();
                               return ResolveResult{};
                             }});
  ASSERT_TRUE(pool->submit(JobId{1}, ResolveJob{}));
  started.wait();
  EXPECT_FALSE(pool->stop(1ms));
  never_answers.count_down();  // or the pool could not be destroyed
}

TEST(WorkerPool, DefaultSizeHasAThreadForEachKind) {
  EXPECT_GE(WorkerPool::default_size().key_exchange_threads, 1U);
  EXPECT_GE(WorkerPool::default_size().resolve_threads, 1U);
}

}  // namespace
}  // namespace iked::daemon
