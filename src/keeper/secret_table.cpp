// SPDX-License-Identifier: ISC
#include "keeper/secret_table.h"

#include <algorithm>
#include <utility>

#include "base/reader.h"
#include "crypto/prf.h"

namespace iked::keeper {

/// 64 bits of the digest: two of a million secrets share an id once in 10^7 configurations, and
/// whoever chooses his secret cannot aim, because he does not know the key.
SecretId SecretTable::id_of(const SecretBytes& secret) const {
  const Bytes digest = crypto::keyed_digest(index_key_.reveal(), {secret.reveal()});
  return {std::max<uint64_t>(Reader(digest).u64(), 1)};
}

SecretId SecretTable::Load::put(SecretBytes secret) {
  const SecretId id = table_.id_of(secret);
  if (all_.insert(id).second && !table_.secrets_.contains(id)) {
    added_.emplace(id, std::move(secret));
  }
  return id;
}

void SecretTable::Load::keep() {
  const uint64_t load = ++table_.loads_;
  for (const SecretId id : all_) {
    Entry& entry = table_.secrets_[id];
    if (const auto added = added_.find(id); added != added_.end()) {
      entry.secret = std::move(added->second);
    }
    entry.load = load;
  }
  all_.clear();
  added_.clear();
}

void SecretTable::commit() {
  const uint64_t before = std::exchange(in_use_, loads_);
  std::erase_if(secrets_,
                [&](const auto& item) { return item.second.load < before && !item.second.taken; });
}

SecretId SecretTable::take(SecretBytes secret) {
  const SecretId id = id_of(secret);
  Entry& entry = secrets_[id];
  entry.secret = std::move(secret);
  entry.taken = true;
  return id;
}

bool SecretTable::forget(SecretId id) {
  return secrets_.erase(id) != 0;
}

const SecretBytes* SecretTable::find(SecretId id) const {
  const auto found = secrets_.find(id);
  return found == secrets_.end() ? nullptr : &found->second.secret;
}

}  // namespace iked::keeper
