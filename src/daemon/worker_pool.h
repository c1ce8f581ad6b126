// SPDX-License-Identifier: ISC
// The only threads of the process. Jobs go in, results come out through a descriptor the event loop
// waits for. Key exchanges and name look-ups have threads of their own, so that a slow name server
// cannot hold up Diffie-Hellman. Workers own what they work on, log nothing and see nothing else of
// the program.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/descriptor.h"
#include "base/time.h"
#include "ike/job.h"

namespace iked::daemon {

/// What a worker does with a Job. Called from several threads at once.
struct JobRunners {
  std::function<ike::KeyExchangeOutcome(const ike::KeyExchangeJob&)> key_exchange;
  std::function<Result<ike::ResolveResult>(const ike::ResolveJob&)> resolve;
  std::function<Result<Verified>(const ike::VerifyJob&)> verify;
};

struct WorkerPoolSize {
  unsigned key_exchange_threads = 1;
  unsigned resolve_threads = 1;
  unsigned verify_threads = 1;
  size_t max_waiting = 4096;  // of each kind
};

class WorkerPool {
 public:
  /// Starts the threads, with all signals blocked in them.
  static Result<std::unique_ptr<WorkerPool>> make(JobRunners runners, WorkerPoolSize size);
  /// One key exchange thread for each processor; a few for look-ups, because one name whose server
  /// is silent blocks its thread for many seconds.
  static WorkerPoolSize default_size();

  /// Waits for whatever still runs; call stop() first where that may hang.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// False when too many wait already, or after stop(); the job is dropped then.
  [[nodiscard]] bool submit(JobId id, ike::KeyExchangeJob job);
  [[nodiscard]] bool submit(JobId id, ike::ResolveJob job);
  [[nodiscard]] bool submit(JobId id, ike::VerifyJob job);

  /// Readable when take_finished() has something.
  int finished_fd() const { return wake_.get(); }
  /// In the order in which they finished.
  std::vector<ike::FinishedJob> take_finished();

  /// Drops what waits and lets running jobs end, for at most `patience`. False when a thread is
  /// still busy after that: its thread cannot be ended, so the process has to leave by _exit().
  bool stop(Duration patience);

 private:
  /// Threads that take jobs of one kind from one queue.
  template <typename Job>
  struct Lane {
    std::deque<std::pair<JobId, Job>> waiting;
    std::condition_variable more;
  };

  WorkerPool(JobRunners runners, size_t max_waiting);
  template <typename Job>
  bool submit_to(Lane<Job>& lane, JobId id, Job job);
  template <typename Job, typename Run>
  void work(Lane<Job>& lane, const Run& run);
  Result<void> start_threads(const WorkerPoolSize& size);
  void finish(ike::FinishedJob done);

  const JobRunners runners_;
  const size_t max_waiting_;
  Descriptor wake_;
  std::vector<std::thread> threads_;

  std::mutex mutex_;  // guards all below
  Lane<ike::KeyExchangeJob> key_exchanges_;
  Lane<ike::ResolveJob> resolves_;
  Lane<ike::VerifyJob> verifications_;
  std::vector<ike::FinishedJob> finished_;
  std::condition_variable thread_left_;
  size_t running_threads_ = 0;
  bool stopping_ = false;
};

}  // namespace iked::daemon
