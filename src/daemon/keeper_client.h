// SPDX-License-Identifier: ISC
// iked's side of the protocol with iked-keeper: sends requests, gives out the answers, and sees the
// keeper through its deaths: what was asked is asked again of the next one, once that has read the
// configuration. It takes what the keeper says for hostile. It never waits, but for the one load
// at the start. How keepers come to be is keeper_starter.h.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/descriptor.h"
#include "base/time.h"
#include "keeper/frame.h"
#include "model/keeper.h"

namespace iked::daemon {

class KeeperClient {
 public:
  using Clock = std::function<Time()>;
  template <typename T>
  using Done = std::function<void(Result<T>)>;

  /// How long a request may take, with all restarts of the keeper.
  static constexpr Duration patience = 10s;
  static constexpr Duration load_patience = 120s;
  /// How long the keeper may be at one request before it is taken for hung, and ended.
  static constexpr Duration longest_work = 5s;
  static constexpr Duration longest_load = 60s;
  static constexpr size_t most_waiting = 4096;  // requests

  /// `channel` is KeeperStarter's and must outlive the client. `request` is what the keepers load.
  static Result<std::unique_ptr<KeeperClient>> make(int channel, LoadRequest request, Clock clock);
  /// Calls no Done any more.
  ~KeeperClient();
  KeeperClient(const KeeperClient&) = delete;
  KeeperClient& operator=(const KeeperClient&) = delete;

  /// Call `on_ready` whenever this one is readable (level-triggered).
  int descriptor() const { return epoll_.get(); }
  void on_ready();
  std::optional<Time> next_deadline() const;
  void on_deadline();

  /// Before the event loop runs: waits for the first keeper, until it has read the configuration or
  /// failed. The error is one line with cause and cure; that of the keeper itself is logged.
  Result<LoadResult> first_load();

  // Of the Keeper port. Each Done is called once and never from within the call itself.
  void load(Done<LoadResult> done) { load_file({}, std::move(done)); }
  /// The same with another file, if the keeper lets iked have it; empty = the usual one.
  void load_file(const std::string& path, Done<LoadResult> done);
  void commit();
  void psk_auth(const PskAuthRequest& request, Done<PskAuthValues> done);
  void eap(const EapRequest& request, Done<EapValues> done);
  void sign(const SignRequest& request, Done<Bytes> done);
  void log_in(const TokenLogin& login, Done<void> done);
  void log_out(const std::string& uri, Done<void> done);
  void list_public(Done<std::vector<PublicPart>> done);
  void wipe_users(Done<uint64_t> done);
  /// `pipe`: the reading end of one that somebody writes a secret into. It is passed on unread.
  void take_secret(Descriptor pipe, Done<SecretId> done);

 private:
  using Answer = Result<keeper::Frame>;
  using Take = std::function<void(Answer)>;
  struct Call {
    uint64_t id = 0;
    keeper::MessageType type{};
    keeper::MessageType answer{};
    keeper::SecretBuffer body;
    Descriptor passed;
    Time give_up{};
    bool own = false;  // of the client itself, for a keeper that was started again
    bool sent = false;
    unsigned deaths = 0;  // of keepers that had it
    Take take;            // empty: nobody waits any more
  };
  enum class State : uint8_t {
    away,
    greeting,   // connected, has not said hello
    reloading,  // reads the configuration again, calls wait
    serving,
    misfit,  // of another version: calls fail
  };

  KeeperClient(int channel, LoadRequest request, Clock clock);
  template <typename T>
  void call(keeper::MessageType type, keeper::SecretBuffer body, keeper::MessageType answer,
            Result<T> (*parse)(ByteView), Done<T> done, Descriptor passed = {});
  void call_for_done(keeper::MessageType type, keeper::SecretBuffer body, Done<void> done);
  void enqueue(Call call);
  void later(Take take, std::string why);
  void run_outcomes();

  // Connections.
  Result<void> watch(int descriptor, uint32_t events, int operation);
  void on_channel();
  void adopt(Descriptor connection);
  void lost();
  void misbehaved(const std::string& what);
  void end_keeper();

  // From the keeper.
  bool read();
  Result<void> take(keeper::Frame frame);
  Result<void> greet(const keeper::Frame& frame);
  Result<void> take_answer(keeper::Frame frame);
  void reload_secrets();
  void on_secrets(const LoadResult& result);
  void begin_serving();

  // To the keeper.
  void pump();
  bool may_send(const Call& call) const;
  bool send_with_descriptor(Call& call);
  void write();
  void note_work();

  const int channel_;
  const LoadRequest request_;
  const Clock clock_;
  Descriptor epoll_;
  Descriptor wake_;                                     // an eventfd: `outcomes_` is not empty
  std::vector<std::pair<Take, std::string>> outcomes_;  // failures without the keeper

  State state_ = State::away;
  Descriptor connection_;
  keeper::FrameReader frames_{keeper::Side::iked};
  keeper::SecretBuffer out_;
  size_t written_ = 0;    // of it
  uint32_t watched_ = 0;  // EPOLL* of the connection
  Bytes received_;        // kept for its memory, zeroed after use
  uint32_t pid_ = 0;
  std::deque<Call> calls_;
  uint64_t last_id_ = 0;
  uint64_t working_on_ = 0;  // the call that the keeper is at
  Time working_since_{};
  Time greeting_since_{};
  std::string loaded_path_;  // of the last load, empty = the usual one ...
  std::string used_path_;    // ... and of the one in use
  Bytes loaded_;             // digest of what the last load gave ...
  Bytes used_;               // ... and of the one in use
  bool in_use_ = false;      // there is one in use
  bool starter_gone_ = false;
  unsigned deaths_ = 0;
  unsigned turns_ = 0;  // of on_ready()
};

}  // namespace iked::daemon
