// SPDX-License-Identifier: ISC
// Which policies are wanted up and what becomes of each try: `active` means kept up, for ever, with
// pauses that grow and are jittered. Also keeps the addresses of policies that are written with
// names. Says what is due; the Engine does it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "ike/context.h"

namespace iked::ike {

class Upkeep {
 public:
  /// A policy came into force; it is due at once.
  void add(Context& ctx, const PolicyEntry& entry);
  void remove(PolicyId id);

  /// A policy whose time has come, or nothing. Its next time is in the future then.
  std::optional<PolicyId> due(Context& ctx);
  std::optional<Time> next_deadline() const;
  /// Have it due now, whatever its pause: the kernel waits for it, or an administrator asks.
  void hurry(PolicyId id, Time now);
  /// Somebody wants it called once, now, also when it is passive or was held.
  void ask(const PolicyEntry& entry, Time now);
  /// Keeps it down until ask() or release().
  void hold(PolicyId id);
  void release(PolicyId id);
  /// What was asked for and is not up comes to nothing: passive mode.
  void forget_asked();
  /// It is to be up: active, or asked for.
  bool wants(PolicyId id) const;
  bool is_held(PolicyId id) const;

  // ---- what became of it

  void looking_up(PolicyId id, JobId job);
  /// The policy that waits for this look-up.
  std::optional<PolicyId> take_look_up(JobId job);
  void looked_up(Context& ctx, PolicyId id);
  void connecting(PolicyId id, SaId sa);
  /// The policy has an established SA with its child: nothing to do until that goes.
  void up(PolicyId id, SaId sa);
  /// `to` has taken over from `from`, which was rekeyed.
  void moved(PolicyId id, SaId from, SaId to);
  /// A try failed, or the SA that kept it up is gone; `sa` is 0 when there was none yet.
  void failed(Context& ctx, PolicyId id, SaId sa, std::string why);

  enum class State { idle, looking_up, connecting, up };
  struct Row {
    State state = State::idle;
    std::string last_error;
    std::optional<Time> next;
  };
  /// Null when the policy is not looked after (passive and without names).
  const Row* row(PolicyId id) const;
  /// How many tries so far since it was up: a peer with several addresses is tried at each in turn.
  unsigned attempts(PolicyId id) const;

 private:
  struct Wish : Row {
    bool active = false;
    bool asked = false;  // until it has failed, or its SA is gone
    bool held = false;
    bool wanted() const { return (active && !held) || asked; }
    bool has_names = false;
    unsigned attempts = 0;
    SaId sa;
    JobId look_up;
  };
  void schedule(Wish& wish, PolicyId id, std::optional<Time> at);

  std::map<PolicyId, Wish> wishes_;
  std::set<std::pair<Time, PolicyId>> times_;
  std::map<JobId, PolicyId> look_ups_;
};

}  // namespace iked::ike
