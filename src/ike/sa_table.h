// SPDX-License-Identifier: ISC
// All IKE SAs, found by what a message or an event carries: our SPI, the first message of a
// half-open one, a child's SAs, a job, the peer's identity. Owns them; decides nothing about them.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>

#include "ike/ike_sa.h"

namespace iked::ike {

/// A retransmitted first message has no SPI of ours yet. RFC7296 2.1: sender, its SPI and the whole
/// message tell it from another one.
struct FirstMessageKey {
  Endpoint remote;
  IkeSpi spi_i;
  Bytes digest;
  friend auto operator<=>(const FirstMessageKey&, const FirstMessageKey&) = default;
};

/// A responder's SA that is not authenticated yet; `proven`: its sender brought a good cookie.
struct HalfOpen {
  FirstMessageKey key;
  bool proven = false;
};

class SaTable {
 public:
  /// RFC7296 2.6: an SPI that no living SA of ours has.
  IkeSpi unused_spi(Rng& rng) const;
  SaId new_id() { return SaId{++last_id_}; }

  IkeSa& add(std::unique_ptr<IkeSa> sa);
  void add_half_open(SaId id, HalfOpen entry);
  /// The half-open entry of an SA, taken out: it is established or dead. Nothing when it has none.
  std::optional<HalfOpen> take_half_open(SaId id);

  IkeSa* find(SaId id);
  const IkeSa* find(SaId id) const;
  IkeSa* find_by_spi(IkeSpi own);
  IkeSa* find_first_message(const FirstMessageKey& key);

  /// Forgets the SA with everything that leads to it.
  void erase(SaId id);

  // ---- jobs

  JobId new_job(SaId sa);
  /// The SA that waits for it; the entry is gone afterwards. Null when the SA is gone or none
  /// waited.
  IkeSa* take_job(JobId id);
  /// Numbers for jobs that no SA waits for come from the same count.
  JobId new_free_job() { return JobId{++last_job_}; }

  // ---- established SAs

  void index_established(const IkeSa& sa);
  /// Others that are established with the same policy and proven identity.
  std::vector<SaId> established_with(PolicyId policy, const Identity& peer, SaId except) const;
  /// All that are established with this policy, the oldest of each peer first.
  std::vector<SaId> established_of(PolicyId policy) const;
  bool has_established(PolicyId policy) const;

  void index_child(const ChildSa& child, SaId sa);
  void forget_child(const ChildSa& child);
  /// By the kernel's name of either half.
  IkeSa* find_by_child(const SaKey& half);

  // ---- deadlines

  /// The SA's next deadline changed, or it has none any more.
  void reschedule(const IkeSa& sa);
  std::optional<Time> next_deadline() const;
  /// An SA whose deadline has come, or null.
  IkeSa* due(Time now);

  size_t size() const { return sas_.size(); }
  size_t established_count() const { return established_count_; }
  /// Those that we call and that have not answered yet. What strangers begin does not count: it
  /// must not keep us from calling. Not exact while an SA is just becoming established.
  size_t calling() const {
    const size_t others = established_count_ + half_open_.size();
    return sas_.size() - std::min(sas_.size(), others);
  }
  /// In the order in which they were made.
  const std::map<SaId, std::unique_ptr<IkeSa>>& all() const { return sas_; }

 private:
  using EstablishedKey = std::tuple<PolicyId, Identity, SaId>;

  std::map<SaId, std::unique_ptr<IkeSa>> sas_;
  std::unordered_map<IkeSpi, SaId> by_spi_;
  std::map<FirstMessageKey, SaId> first_messages_;
  std::unordered_map<SaId, HalfOpen> half_open_;
  std::unordered_map<JobId, SaId> jobs_;
  std::set<EstablishedKey> established_;
  std::unordered_map<SaId, EstablishedKey> established_key_;
  std::map<SaKey, SaId> children_;
  std::set<std::pair<Time, SaId>> deadlines_;
  std::unordered_map<SaId, Time> deadline_of_;
  size_t established_count_ = 0;
  uint64_t last_id_ = 0;
  uint64_t last_job_ = 0;
};

}  // namespace iked::ike
