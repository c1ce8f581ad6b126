// SPDX-License-Identifier: ISC
// How a child SA pair and its policies come into the kernel: all of it or nothing.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/log.h"
#include "model/reqid_range.h"
#include "xfrm/messages.h"
#include "xfrm/sockets.h"
#include "xfrm/tables.h"
#include "xfrm/xfrm_kernel.h"

namespace iked::xfrm {
namespace {

// One child, even of a peer that found a way to ask for many ranges, may not fill the kernel.
constexpr size_t kMaxPolicies = 4096;

std::string describe(const KernelSa& sa, const char* direction) {
  return fmt::format("cannot install the {} {} ({})", direction, to_string(sa.key),
                     to_string(sa.suite));
}

// What to do about a refused SA, where the errno tells.
const char* cure(const Outcome& outcome) {
  switch (outcome.error) {
    case ENOSYS:
    case ENOENT:
      return "; the kernel lacks this algorithm: load its module, or choose another one";
    case EPROTONOSUPPORT:
      return "; the kernel lacks the protocol: load the modules esp4 and esp6, or ah4 and ah6";
    case EPERM:
      return "; iked needs CAP_NET_ADMIN";
    default:
      return "";
  }
}

std::string why_policy_failed(RequestSocket& socket, const PlacedPolicy& placed,
                              const Outcome& outcome) {
  const std::string what = to_string(placed);
  if (outcome.error != EEXIST) {
    return fmt::format("cannot install the {}: {}", what, to_string(outcome));
  }
  const auto other = find_policy(socket, placed);
  if (other && is_own(other->reqid)) {
    return fmt::format(
        "the kernel already has an {} of another tunnel of iked (reqid {:#x}): two tunnels cannot "
        "have the same flow",
        what, other->reqid.value);
  }
  return fmt::format(
      "the kernel already has an {}{}, made by another program: iked leaves it alone; remove it "
      "there or change this flow",
      what, other ? fmt::format(" (reqid {})", other->reqid.value) : "");
}

/// One installation while it is under way. In `outcomes_` the inbound SA has position 0, the
/// outbound one position 1; the policies follow.
class Installation {
 public:
  Installation(RequestSocket& socket, const Leftovers& leftovers, const ChildInstall& child,
               bool with_direction)
      : socket_(socket), leftovers_(leftovers), child_(child), with_direction_(with_direction) {}

  Result<void> run();
  const std::vector<PlacedPolicy>& policies() const { return policies_; }

 private:
  // A policy of ours that has made way for one of the child.
  struct Exchanged {
    size_t policy;
    PolicyRecord before;
    const KernelPolicy* replaced;  // null: it was a leftover
  };

  Result<void> place_policies();
  Result<void> put_all();
  Result<void> install_late();
  void exchange();
  std::optional<Exchanged> may_exchange(size_t policy);
  bool was_exchanged(size_t policy) const;
  void undo();
  void undo_policies();

  bool has(size_t position) const { return outcomes_[position].ok(); }
  std::optional<size_t> first_failure() const;
  Error error(size_t position) const;

  RequestSocket& socket_;
  const Leftovers& leftovers_;
  const ChildInstall& child_;
  const bool with_direction_;
  std::vector<PlacedPolicy> policies_;
  std::vector<PlacedPolicy> replaced_;
  std::vector<Outcome> outcomes_;
  std::vector<Exchanged> exchanged_;
};

Result<void> Installation::place_policies() {
  auto placed = place(child_.policies);
  if (!placed) return fail(placed);
  policies_ = std::move(*placed);
  drop_repeated(policies_);
  if (policies_.size() > kMaxPolicies) {
    return fail("its flows would be {} policies in the kernel, more than {}: use fewer ranges",
                policies_.size(), kMaxPolicies);
  }
  placed = place(child_.replaced);
  if (!placed) return fail(placed);
  replaced_ = std::move(*placed);
  return {};
}

Result<void> Installation::put_all() {
  Batch batch;
  auto written = put_sa(batch, SaVerb::update, child_.inbound, SaDirection::in, with_direction_);
  if (!written) return written;
  written = put_sa(batch, SaVerb::add, child_.outbound, SaDirection::out, with_direction_);
  if (!written) return written;
  for (const PlacedPolicy& policy : policies_) {
    put_policy(batch, PolicyVerb::add, *policy.policy, policy.selector);
  }
  auto outcomes = socket_.run(batch);
  if (!outcomes) {
    // Nobody knows how far it came.
    outcomes_.assign(batch.count(), Outcome{});
    undo();
    return fail(outcomes);
  }
  outcomes_ = std::move(*outcomes);
  return {};
}

// The kernel keeps an SPI for xfrm_acq_expires seconds only, 30 as a rule; an exchange with a slow
// peer takes longer.
Result<void> Installation::install_late() {
  Batch batch;
  auto written = put_sa(batch, SaVerb::add, child_.inbound, SaDirection::in, with_direction_);
  if (!written) return written;
  auto added = socket_.run(batch);
  // Where nobody knows whether it was made, it is undone like one that was.
  outcomes_[0] = added ? std::move(added->front()) : Outcome{};
  if (added) return {};
  undo();
  return fail(added);
}

std::optional<Installation::Exchanged> Installation::may_exchange(size_t policy) {
  const PlacedPolicy& wanted = policies_[policy];
  auto before = find_policy(socket_, wanted);
  if (!before) return std::nullopt;
  if (leftovers_.has(before->reqid)) return Exchanged{policy, *before, nullptr};
  const auto old = std::ranges::find_if(replaced_, [&](const PlacedPolicy& placed) {
    return placed.policy->direction == wanted.policy->direction &&
           placed.selector == wanted.selector && placed.policy->reqid == before->reqid;
  });
  if (old == replaced_.end()) return std::nullopt;
  return Exchanged{policy, *before, old->policy};
}

void Installation::exchange() {
  std::vector<Exchanged> exchanges;
  Batch batch;
  for (size_t i = 0; i < policies_.size(); ++i) {
    if (outcomes_[i + 2].error != EEXIST) continue;
    auto one = may_exchange(i);
    if (!one) continue;
    put_policy(batch, PolicyVerb::update, *policies_[i].policy, policies_[i].selector);
    exchanges.push_back(*one);
  }
  if (batch.empty()) return;
  auto outcomes = socket_.run(batch);
  for (size_t i = 0; i < exchanges.size(); ++i) {
    // Where nobody knows, it may have come through and is put back like one that did.
    if (!outcomes || (*outcomes)[i].ok()) exchanged_.push_back(exchanges[i]);
    if (outcomes) outcomes_[exchanges[i].policy + 2] = std::move((*outcomes)[i]);
  }
}

bool Installation::was_exchanged(size_t policy) const {
  return std::ranges::any_of(exchanged_,
                             [&](const Exchanged& one) { return one.policy == policy; });
}

void Installation::undo_policies() {
  std::vector<PlacedPolicy> made;
  for (size_t i = policies_.size(); i-- > 0;) {
    if (has(i + 2) && !was_exchanged(i)) made.push_back(policies_[i]);
  }
  delete_own_policies(socket_, made);
  Batch batch;
  for (const Exchanged& one : exchanged_) {
    if (one.replaced != nullptr) {
      put_policy(batch, PolicyVerb::update, *one.replaced, policies_[one.policy].selector);
    } else {
      put_policy_back(batch, one.before);
    }
  }
  if (batch.empty()) return;
  const auto outcomes = socket_.run(batch);
  if (!outcomes || !std::ranges::all_of(*outcomes, &Outcome::ok)) {
    log::error(
        "cannot put back the policies from {} to {} after a failed installation: their traffic may "
        "be held back; 'ikectl reset sa' makes the tunnel anew",
        child_.outbound.key.source, child_.outbound.key.destination);
  }
}

void Installation::undo() {
  undo_policies();
  if (has(1)) delete_own_sas(socket_, {child_.outbound.key}, child_.outbound.mark);
  if (!has(0)) return;
  delete_own_sas(socket_, {child_.inbound.key}, child_.inbound.mark);
  Batch again;
  const uint32_t spi = child_.inbound.key.spi.value;
  put_allocate_spi(again, child_.inbound.key, child_.inbound.reqid, {spi, spi}, with_direction_);
  if (const auto done = socket_.run(again); !done || !done->front().ok()) {
    log::warn("cannot keep SPI {:#x} reserved", spi);
  }
}

std::optional<size_t> Installation::first_failure() const {
  const auto failed = std::ranges::find_if_not(outcomes_, &Outcome::ok);
  if (failed == outcomes_.end()) return std::nullopt;
  return static_cast<size_t>(failed - outcomes_.begin());
}

Error Installation::error(size_t position) const {
  const Outcome& outcome = outcomes_[position];
  if (position >= 2) return {why_policy_failed(socket_, policies_[position - 2], outcome)};
  const std::string what =
      position == 0 ? describe(child_.inbound, "inbound") : describe(child_.outbound, "outbound");
  return {fmt::format("{}: {}{}", what, to_string(outcome), cure(outcome))};
}

Result<void> Installation::run() {
  if (auto placed = place_policies(); !placed) return placed;
  if (auto put = put_all(); !put) return put;
  if (outcomes_[0].error == ESRCH) {
    if (auto late = install_late(); !late) return late;
  }
  exchange();
  if (const auto failed = first_failure()) {
    Error why = error(*failed);
    undo();
    return std::unexpected(std::move(why));
  }
  // Those that have a successor carry its reqid now and are spared.
  delete_own_policies(socket_, replaced_);
  return {};
}

}  // namespace

Result<void> XfrmKernel::install(const ChildInstall& child) {
  Installation installation(sockets_->requests, sockets_->leftovers, child,
                            capabilities_.sa_direction);
  if (auto done = installation.run(); !done) return done;
  sockets_->leftovers.make_way(sockets_->requests, installation.policies());
  return {};
}

Result<void> XfrmKernel::install_policies(const std::vector<KernelPolicy>& policies) {
  auto placed = place(policies);
  if (!placed) return fail(placed);
  drop_repeated(*placed);
  if (placed->empty()) return {};
  Batch batch;
  for (const PlacedPolicy& one : *placed) {
    put_policy(batch, PolicyVerb::add, *one.policy, one.selector);
  }
  auto outcomes = sockets_->requests.run(batch);
  const auto failed =
      outcomes ? std::ranges::find_if_not(*outcomes, &Outcome::ok) - outcomes->begin() : 0;
  if (outcomes && static_cast<size_t>(failed) == outcomes->size()) return {};
  const Error why =
      outcomes
          ? Error{why_policy_failed(sockets_->requests, (*placed)[failed], (*outcomes)[failed])}
          : outcomes.error();
  std::vector<PlacedPolicy> made;
  for (size_t i = placed->size(); i-- > 0;) {
    if (!outcomes || (*outcomes)[i].ok()) made.push_back((*placed)[i]);
  }
  delete_own_policies(sockets_->requests, made);
  return std::unexpected(why);
}

Result<void> XfrmKernel::install_half(const KernelSa& sa, Half half) {
  const bool inbound = half == Half::inbound;
  const auto put = [&](SaVerb verb) -> Result<Outcome> {
    Batch batch;
    auto written = put_sa(batch, verb, sa, inbound ? SaDirection::in : SaDirection::out,
                          capabilities_.sa_direction);
    if (!written) return fail(written);
    auto outcomes = sockets_->requests.run(batch);
    if (outcomes) return std::move(outcomes->front());
    // Nobody knows whether it was made.
    delete_own_sas(sockets_->requests, {sa.key}, sa.mark);
    return fail(outcomes);
  };
  auto outcome = put(inbound ? SaVerb::update : SaVerb::add);
  // The reservation may be over, as in install_late().
  if (outcome && inbound && outcome->error == ESRCH) outcome = put(SaVerb::add);
  if (!outcome) return fail(outcome);
  if (outcome->ok()) return {};
  return fail("{}: {}{}", describe(sa, inbound ? "inbound" : "outbound"), to_string(*outcome),
              cure(*outcome));
}

}  // namespace iked::xfrm
