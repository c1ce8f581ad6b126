// SPDX-License-Identifier: ISC
// The names that people give to authorities and hosts. Both become names of files, so that a name
// which passes here can lead nowhere else.
#pragma once

#include <string>
#include <string_view>

#include "authority/failure.h"
#include "base/bytes.h"

namespace iked::authority {

/// The name of a certificate authority: letters, digits, '.', '_' and '-', at most 64, the first
/// one a letter or a digit.
class CaName {
 public:
  static Outcome<CaName> parse(std::string_view word);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// What kind of identity a name is. It decides the type of the subjectAltName, which a peer
/// compares as well as the octets (RFC 4945 3.1).
enum class HostKind { ipv4, ipv6, fqdn, ufqdn };

/// "IPv4 address", "host name", ...
std::string_view to_string(HostKind kind);

/// The holder of a certificate, named by an address, a host name or user@host.
class Host {
 public:
  static constexpr size_t longest = 240;  // a file name has 255, with an ending and a temporary's

  /// Addresses and host names come out in their canonical spelling. What looks like an address but
  /// is none is refused rather than taken for a host name; so are names that could not be a file of
  /// their own, and "ca", whose files are the authority's.
  static Outcome<Host> parse(std::string_view word);

  HostKind kind() const { return kind_; }
  const std::string& text() const { return text_; }
  /// As in a subjectAltName: the octets of an address, else the text.
  ByteView octets() const { return octets_; }
  /// What goes into the common name, of which there may be 64 characters.
  std::string common_name() const;

 private:
  HostKind kind_ = HostKind::fqdn;
  std::string text_;
  Bytes octets_;
};

}  // namespace iked::authority
