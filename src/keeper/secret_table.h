// SPDX-License-Identifier: ISC
// The long-term secrets of the configurations in use, by id. Equal secrets share an id, so that a
// reload tells a changed key from an unchanged one without anybody looking at it. The id comes from
// a keyed digest of the secret: with the same key it is the same in a later process.
#pragma once

#include <map>
#include <set>

#include "base/secret.h"
#include "conf/environment.h"
#include "model/ids.h"

namespace iked::keeper {

class SecretTable {
 public:
  /// `index_key`: 32 random octets, so that the index tells nothing about the secrets.
  explicit SecretTable(SecretBytes index_key) : index_key_(std::move(index_key)) {}

  /// The secrets of one load while it goes on. Nothing of it stays without keep().
  class Load final : public conf::SecretStore {
   public:
    explicit Load(SecretTable& table) : table_(table) {}
    SecretId put(SecretBytes secret) override;
    /// The load was successful: its secrets stay until a commit() of the table that is for another.
    void keep();

   private:
    SecretTable& table_;
    std::map<SecretId, SecretBytes> added_;  // those that the table does not have yet
    std::set<SecretId> all_;
  };

  /// The load that was kept last is in use now: its secrets stay, those of the one in use before as
  /// well, older ones go.
  void commit();

  /// A secret of no load. It stays until forget().
  SecretId take(SecretBytes secret);
  /// False when it was not there.
  bool forget(SecretId id);

  /// Null for an id that was never given out or whose time is over.
  const SecretBytes* find(SecretId id) const;
  size_t size() const { return secrets_.size(); }

 private:
  struct Entry {
    SecretBytes secret;
    uint64_t load = 0;   // the last one that had it
    bool taken = false;  // whatever the loads say
  };
  SecretId id_of(const SecretBytes& secret) const;

  SecretBytes index_key_;
  std::map<SecretId, Entry> secrets_;
  uint64_t loads_ = 0;   // kept
  uint64_t in_use_ = 0;  // which of them is
};

}  // namespace iked::keeper
