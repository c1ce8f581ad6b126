// SPDX-License-Identifier: ISC
// The reserved words of iked.conf. All of the language are here, also those that this version does
// not act on yet, so that none of them can be taken for a name.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace iked::conf {

#define IKED_KEYWORDS(X)                                                                           \
  X(active)                                                                                        \
  X(ah)                                                                                            \
  X(any)                                                                                           \
  X(auth)                                                                                          \
  X(bytes)                                                                                         \
  X(cert_partial_chain)                                                                            \
  X(childsa) X(config) X(couple) X(decouple) X(default_) X(dpd_check_interval) X(dstid) X(dynamic) \
      X(eap) X(enc) X(enforcesingleikesa) X(esn) X(esp) X(file) X(flow) X(fragmentation) X(from)   \
          X(group) X(iface) X(ike) X(ikelifetime) X(ikesa) X(ikev2) X(include) X(inet) X(inet6)    \
              X(ipcomp) X(lifetime) X(local) X(maxage) X(mobike) X(name) X(natt)                   \
                  X(noenforcesingleikesa) X(noesn) X(nofragmentation) X(nomobike)                  \
                      X(nostickyaddress) X(novendorid) X(ocsp) X(passive) X(peer) X(port) X(prf)   \
                          X(proto) X(psk) X(quick) X(rdomain) X(request) X(sa) X(set) X(skip)      \
                              X(srcid) X(stickyaddress) X(tag) X(tap) X(tcpmd5) X(to) X(tolerate)  \
                                  X(transport) X(tunnel) X(user) X(vendorid)

enum class Keyword : uint8_t {
#define IKED_KEYWORD(word) word,
  IKED_KEYWORDS(IKED_KEYWORD)
#undef IKED_KEYWORD
};

/// As written in the file: "psk", "default".
std::string_view word_of(Keyword keyword);

/// Exact and case-sensitive.
std::optional<Keyword> find_keyword(std::string_view word);

/// Heads of ipsec.conf statements: lines that begin with them are none of our business.
bool is_foreign_head(Keyword keyword);

/// Where a word belongs that never begins a clause: "behind 'lifetime'". Empty for all others.
std::string_view belongs(Keyword keyword);

}  // namespace iked::conf
