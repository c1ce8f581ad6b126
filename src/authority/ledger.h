// SPDX-License-Identifier: ISC
// index.txt: which certificates an authority has issued and revoked, in the format of OpenSSL's
// "ca" command, so that either can go on with what the other began. Text in, text out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authority/certificate.h"
#include "authority/crl.h"

namespace iked::authority {

class Ledger {
 public:
  /// Lines that cannot be understood are kept as they are and have no other effect.
  static Ledger parse(std::string_view text);

  std::string text() const;
  /// `file` is the certificate's, without its folder: by it certificates of a host are found.
  void add(const Certificate& certificate, const std::string& file);
  /// Serials, expired ones included, of what was issued under this file name or is this subject's
  /// common name, as OpenIKED's lines say it, and is not revoked.
  std::vector<Bytes> live(const std::string& file, const std::string& common_name) const;
  /// Marks the entry with this serial, and makes one if there is none. No effect if it is already.
  void revoke(const Bytes& serial, UnixTime when);
  std::vector<Revoked> revoked() const;

 private:
  struct Entry {
    std::string line;  // of what cannot be understood: the rest is empty then
    char status = 0;   // V, R, E
    std::string expires, revoked, serial, file, subject;
  };
  std::vector<Entry> entries_;
};

}  // namespace iked::authority
