// SPDX-License-Identifier: ISC
#include "keeper/secret_table.h"

#include <utility>

#include "crypto/prf.h"

namespace iked::keeper {

Bytes SecretTable::digest(const SecretBytes& secret) const {
  return crypto::keyed_digest(index_key_.reveal(), {secret.reveal()});
}

SecretId SecretTable::Load::put(SecretBytes secret) {
  Bytes digest = table_.digest(secret);
  if (const auto here = ids_.find(digest); here != ids_.end()) return here->second;
  SecretId id;
  if (const auto known = table_.ids_.find(digest); known != table_.ids_.end()) {
    id = known->second;
  } else {
    id = {++table_.last_id_};
    added_.emplace(id, std::move(secret));
  }
  ids_.emplace(std::move(digest), id);
  return id;
}

void SecretTable::Load::keep() {
  const uint64_t load = ++table_.loads_;
  for (auto& [digest, id] : ids_) {
    Entry& entry = table_.secrets_[id];
    if (const auto added = added_.find(id); added != added_.end()) {
      entry.secret = std::move(added->second);
      entry.digest = digest;
      table_.ids_.emplace(digest, id);
    }
    entry.load = load;
  }
  ids_.clear();
  added_.clear();
}

void SecretTable::commit() {
  const uint64_t before = std::exchange(in_use_, loads_);
  std::erase_if(secrets_, [&](const auto& item) {
    const bool old = item.second.load < before;
    if (old) ids_.erase(item.second.digest);
    return old;
  });
}

const SecretBytes* SecretTable::find(SecretId id) const {
  const auto found = secrets_.find(id);
  return found == secrets_.end() ? nullptr : &found->second.secret;
}

}  // namespace iked::keeper
