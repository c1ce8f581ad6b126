// SPDX-License-Identifier: ISC
#include "xfrm/tables.h"

#include <algorithm>
#include <cerrno>
#include <tuple>

#include "base/log.h"
#include "model/reqid_range.h"

namespace iked::xfrm {
namespace {

const char* word(PolicyDirection direction) {
  switch (direction) {
    case PolicyDirection::in:
      return "in";
    case PolicyDirection::out:
      return "out";
    case PolicyDirection::fwd:
      return "fwd";
  }
  return "?";
}

bool is_gone(const Outcome& outcome) {
  return outcome.error == ESRCH || outcome.error == ENOENT;
}

// Runs a batch of deletions.
void run_deletions(RequestSocket& socket, Batch& batch) {
  if (batch.empty()) return;
  const auto outcomes = socket.run(batch);
  if (!outcomes) return log::error("cannot delete kernel entries: {}", outcomes.error().text);
  for (const Outcome& outcome : *outcomes) {
    if (!outcome.ok() && !is_gone(outcome)) {
      log::error("cannot delete a kernel entry: {}", to_string(outcome));
    }
  }
}

bool is_sa(const SaRecord& record, const SaKey& key) {
  return record.key == key && is_own(record.reqid);
}

}  // namespace

Result<std::vector<PlacedPolicy>> place(const std::vector<KernelPolicy>& policies) {
  std::vector<PlacedPolicy> placed;
  for (const KernelPolicy& policy : policies) {
    auto selectors = split(policy.source, policy.destination);
    if (!selectors) return fail(selectors);
    for (const KernelSelector& selector : *selectors) placed.push_back({&policy, selector});
  }
  return placed;
}

void drop_repeated(std::vector<PlacedPolicy>& policies) {
  const auto name = [](const PlacedPolicy& p) {
    return std::tuple(p.policy->direction, p.selector);
  };
  std::ranges::sort(policies, {}, name);
  const auto again = std::ranges::unique(policies, {}, name);
  policies.erase(again.begin(), again.end());
}

std::string to_string(const PlacedPolicy& placed) {
  return fmt::format("{} policy {}", word(placed.policy->direction), to_string(placed.selector));
}

std::string to_string(const SaKey& key) {
  return fmt::format("{} SA {} -> {} SPI 0x{:08x}", iked::to_string(key.protocol), key.source,
                     key.destination, key.spi.value);
}

Result<FoundSa> keep_sa(const Message& message) {
  FoundSa found;
  found.payload.assign(message.payload.begin(), message.payload.end());
  auto record = parse_sa({message.type, message.flags, message.sequence, found.payload});
  if (!record) return fail(record);
  found.record = *record;
  return found;
}

Result<std::optional<FoundSa>> find_own_sa(RequestSocket& socket, const SaKey& key) {
  std::optional<FoundSa> found;
  const auto look = [&](size_t, const Message& message) {
    auto kept = keep_sa(message);
    if (kept && is_sa(kept->record, key)) found = std::move(*kept);
  };
  Batch direct;
  put_get_sa(direct, key, std::nullopt);
  const auto outcomes = socket.run(direct, look);
  if (!outcomes) return fail("{}: {}", to_string(key), outcomes.error().text);
  if (const Outcome& outcome = outcomes->front(); !outcome.ok() && !is_gone(outcome)) {
    return fail("{}: {}", to_string(key), to_string(outcome));
  }
  if (!found) {
    // By its name alone the kernel finds no SA that has a mark.
    Batch all;
    put_dump_sas(all, &key);
    if (const auto done = socket.dump(all, look); !done && !found) {
      return fail("{}: {}", to_string(key), done.error().text);
    }
  }
  return found;
}

std::optional<PolicyRecord> find_policy(RequestSocket& socket, const PlacedPolicy& placed) {
  std::optional<PolicyRecord> found;
  Batch batch;
  put_get_policy(batch, *placed.policy, placed.selector);
  const auto asked = socket.run(batch, [&](size_t, const Message& message) {
    if (auto record = parse_policy(message)) found = *record;
  });
  if (!asked) log::error("cannot read a policy: {}", asked.error().text);
  return found;
}

void delete_own_sas(RequestSocket& socket, const std::vector<SaKey>& keys,
                    const std::optional<Mark>& mark) {
  Batch questions;
  for (const SaKey& key : keys) put_get_sa(questions, key, mark);
  if (questions.empty()) return;
  Batch deletions;
  const auto asked = socket.run(questions, [&](size_t i, const Message& message) {
    auto record = parse_sa(message);
    if (record && is_sa(*record, keys[i])) put_delete_sa(deletions, keys[i], mark);
  });
  if (!asked) log::error("cannot delete SAs: {}", asked.error().text);
  run_deletions(socket, deletions);
}

void delete_own_policies(RequestSocket& socket, const std::vector<PlacedPolicy>& policies) {
  Batch questions;
  for (const PlacedPolicy& placed : policies) {
    put_get_policy(questions, *placed.policy, placed.selector);
  }
  if (questions.empty()) return;
  Batch deletions;
  const auto asked = socket.run(questions, [&](size_t i, const Message& message) {
    auto record = parse_policy(message);
    if (record && record->reqid == policies[i].policy->reqid) {
      put_delete_policy(deletions, *record);
    }
  });
  if (!asked) log::error("cannot delete policies: {}", asked.error().text);
  run_deletions(socket, deletions);
}

}  // namespace iked::xfrm
