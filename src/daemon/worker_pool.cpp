// SPDX-License-Identifier: ISC
#include "daemon/worker_pool.h"

#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cstring>
#include <system_error>
#include <utility>

namespace iked::daemon {
namespace {

/// Threads inherit the mask of the one that starts them.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~AllSignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

WorkerPoolSize WorkerPool::default_size() {
  return {.key_exchange_threads = std::max(1U, std::thread::hardware_concurrency()),
          .resolve_threads = 4,
          .verify_threads = 1};
}

Result<std::unique_ptr<WorkerPool>> WorkerPool::make(JobRunners runners, WorkerPoolSize size) {
  std::unique_ptr<WorkerPool> pool(
      new WorkerPool(std::move(runners), size.max_waiting));  // NOLINT: the constructor is private
  pool->wake_.reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!pool->wake_) return fail("cannot make an eventfd: {}", strerror(errno));
  if (Result<void> started = pool->start_threads(size); !started) return fail(started);
  return pool;
}

WorkerPool::WorkerPool(JobRunners runners, size_t max_waiting)
    : runners_(std::move(runners)), max_waiting_(max_waiting) {}

Result<void> WorkerPool::start_threads(const WorkerPoolSize& size) {
  const AllSignalsBlocked blocked;
  const auto start = [this](unsigned count, const char* name, auto body) {
    for (unsigned i = 0; i < count; ++i) {
      const std::lock_guard lock(mutex_);
      threads_.emplace_back([name, body] {
        pthread_setname_np(pthread_self(), name);  // its own: another's takes a file in /proc
        body();
      });
      ++running_threads_;
    }
  };
  try {  // the standard library throws when the system has no more threads
    start(std::max(1U, size.key_exchange_threads), "iked-dh",
          [this] { work(key_exchanges_, runners_.key_exchange); });
    start(std::max(1U, size.resolve_threads), "iked-dns",
          [this] { work(resolves_, runners_.resolve); });
    start(std::max(1U, size.verify_threads), "iked-verify",
          [this] { work(verifications_, runners_.verify); });
  } catch (const std::system_error& error) {
    return fail("cannot start a worker thread: {}", error.what());
  }
  return {};
}

WorkerPool::~WorkerPool() {
  stop(Duration::zero());
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

bool WorkerPool::submit(JobId id, ike::KeyExchangeJob job) {
  return submit_to(key_exchanges_, id, std::move(job));
}

bool WorkerPool::submit(JobId id, ike::ResolveJob job) {
  return submit_to(resolves_, id, std::move(job));
}

bool WorkerPool::submit(JobId id, ike::VerifyJob job) {
  return submit_to(verifications_, id, std::move(job));
}

template <typename Job>
bool WorkerPool::submit_to(Lane<Job>& lane, JobId id, Job job) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || lane.waiting.size() >= max_waiting_) return false;
  lane.waiting.emplace_back(id, std::move(job));
  lane.more.notify_one();
  return true;
}

template <typename Job, typename Run>
void WorkerPool::work(Lane<Job>& lane, const Run& run) {
  for (;;) {
    std::unique_lock lock(mutex_);
    lane.more.wait(lock, [&] { return stopping_ || !lane.waiting.empty(); });
    if (stopping_) break;
    auto [id, job] = std::move(lane.waiting.front());
    lane.waiting.pop_front();
    lock.unlock();
    finish({id, run(job)});
  }
  const std::lock_guard lock(mutex_);
  --running_threads_;
  thread_left_.notify_all();
}

void WorkerPool::finish(ike::FinishedJob done) {
  const std::lock_guard lock(mutex_);
  finished_.push_back(std::move(done));
  // Cannot fail: the counter would need 2^64 unread results.
  eventfd_write(wake_.get(), 1);
}

std::vector<ike::FinishedJob> WorkerPool::take_finished() {
  const std::lock_guard lock(mutex_);
  eventfd_t count = 0;
  eventfd_read(wake_.get(), &count);
  return std::exchange(finished_, {});
}

bool WorkerPool::stop(Duration patience) {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    key_exchanges_.waiting.clear();
    resolves_.waiting.clear();
    verifications_.waiting.clear();
    key_exchanges_.more.notify_all();
    resolves_.more.notify_all();
    verifications_.more.notify_all();
    if (!thread_left_.wait_for(lock, patience, [this] { return running_threads_ == 0; })) {
      return false;
    }
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  return true;
}

}  // namespace iked::daemon
