// SPDX-License-Identifier: ISC
// A certificate authority in a folder, with the files that OpenIKED's ikectl has there: ca.crt,
// ca.crl, index.txt, private/ca.key, and HOST.crt and private/HOST.key for each host. Each function
// does one command of ikectl: it checks everything first, changes files whole or not at all, and
// tells the operator which. What words select which function is ikectl's.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "authority/certificate.h"
#include "authority/crl.h"
#include "authority/key.h"
#include "authority/ledger.h"
#include "authority/names.h"
#include "authority/operator.h"
#include "authority/pkcs12.h"
#include "base/descriptor.h"

namespace iked::authority {

/// The group of iked's keeper, which must be able to read private keys (data/sysusers.d).
inline constexpr const char* keeper_group = "_iked-keeper";

struct NewAuthority {
  AuthorityTerms terms;
  KeyType key_type = KeyType::p256;
};

/// Where the daemon looks for keys and certificates.
struct ActiveFolder {
  std::string path = "/etc/iked";
  /// May read private keys: the group of iked's keeper. Without it they are for their owner alone.
  std::optional<gid_t> key_group = {};
};

enum class ExportFormat { archive, pkcs12 };

struct ExportTerms {
  std::string folder = ".";
  ExportFormat format = ExportFormat::archive;
  std::string peer = {};  // a note for whoever unpacks it
  Pkcs12Strength strength = Pkcs12Strength::modern;
};

class Authority {
 public:
  /// Makes the authority `name` below the folder `base`. It appears complete, or not at all.
  static Outcome<void> create(const std::string& base, const CaName& name,
                              const NewAuthority& wanted, const Operator& user);
  /// Waits until no other ikectl is at work in it, and says so.
  static Outcome<Authority> open(const std::string& base, const CaName& name, const Operator& user);

  /// The whole folder.
  Outcome<void> remove(const Operator& user);

  /// Keeps a key that is there.
  Outcome<void> create_key(const Host& host, KeyType type, const Operator& user);
  Outcome<void> import_key(const Host& host, const std::string& file, const Operator& user);
  Outcome<void> remove_key(const Host& host, const Operator& user);

  /// With the host's key if there is one, else with a new one of this type.
  Outcome<void> create_certificate(const CertificateTerms& terms, KeyType type,
                                   const Operator& user);
  Outcome<void> remove_certificate(const Host& host, const Operator& user);
  /// All that were ever issued for this host.
  Outcome<void> revoke(const Host& host, const Operator& user);
  /// A new revocation list with the same content: each is good for a year.
  Outcome<void> renew_list(const Operator& user);

  Outcome<void> install(const ActiveFolder& into, const Operator& user);
  Outcome<void> install_key(const Host& host, const ActiveFolder& into, const Operator& user);
  Outcome<void> install_certificate(const Host& host, const ActiveFolder& into,
                                    const Operator& user);

  /// What peers need to trust this authority. Its key is not among it, here and below.
  Outcome<void> export_authority(const ExportTerms& terms, const Operator& user);
  Outcome<void> export_certificate(const Host& host, const ExportTerms& terms,
                                   const Operator& user);

  /// Some lines on each certificate, sorted by file.
  Outcome<void> show(const Operator& user);
  /// All that is in the certificate of a host.
  Outcome<void> show(const Host& host, const Operator& user);

  /// File names without endings of the hosts that have a certificate, sorted.
  Outcome<std::vector<std::string>> hosts() const;

 private:
  struct Identity {
    PrivateKey key;
    Certificate certificate;
    SecretBytes key_pem;
  };

  Authority(std::string folder, std::string name, Descriptor lock)
      : folder_(std::move(folder)), name_(std::move(name)), lock_(std::move(lock)) {}

  std::string file(const std::string& name) const { return folder_ + "/" + name; }
  std::string key_file(const Host& host) const { return file("private/" + host.text() + ".key"); }
  std::string certificate_file(const Host& host) const { return file(host.text() + ".crt"); }

  Outcome<Certificate> certificate(const std::string& name) const;
  Outcome<PrivateKey> own_key(const Operator& user) const;
  Outcome<Ledger> ledger() const;
  Outcome<void> write_ledger(const Ledger& ledger) const;
  Outcome<std::optional<RevocationList>> list() const;
  Outcome<std::vector<Revoked>> all_revoked() const;
  Outcome<void> write_list(const Operator& user, const PrivateKey& key) const;
  Outcome<SecretBytes> host_key_pem(const Host& host) const;
  Outcome<Identity> identity(const Host& host) const;

  std::string folder_;
  std::string name_;
  Descriptor lock_;
};

}  // namespace iked::authority
