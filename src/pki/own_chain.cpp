// SPDX-License-Identifier: ISC
#include "pki/own_chain.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "pki/verify.h"

namespace iked::pki {
namespace {

bool is_wanted(const Certificate& certificate, std::span<const Bytes> wanted) {
  return std::ranges::find(wanted, certificate.public_key_hash()) != wanted.end();
}

const Certificate* issuer_of(const Certificate& certificate,
                             std::span<const Certificate* const> authorities) {
  const auto issued = [&](const Certificate* one) {
    return certificate.names_as_issuer(*one) && certificate.is_signed_by(*one);
  };
  const auto found = std::ranges::find_if(authorities, issued);
  return found == authorities.end() ? nullptr : *found;
}

bool has(const OwnChain& chain, const Certificate& certificate) {
  return std::ranges::find(chain.certificates, certificate.der()) != chain.certificates.end();
}

OwnChain chain_of(const Certificate& leaf, std::span<const Certificate* const> authorities,
                  std::span<const Bytes> wanted) {
  OwnChain chain{.certificates = {leaf.der()}, .wanted = wanted.empty() || is_wanted(leaf, wanted)};
  const Certificate* top = &leaf;
  while (!top->is_self_signed() && chain.certificates.size() < ChainRequest::longest_chain) {
    top = issuer_of(*top, authorities);
    if (top == nullptr) break;
    if (is_wanted(*top, wanted)) {
      chain.wanted = true;
      break;
    }
    if (top->is_self_signed() || has(chain, *top)) break;
    chain.certificates.push_back(top->der());
  }
  return chain;
}

}  // namespace

Result<OwnChain> choose_own_chain(std::span<const Certificate* const> own,
                                  std::span<const Certificate* const> authorities,
                                  const Identity& identity, std::span<const Bytes> wanted,
                                  UnixTime now) {
  using Rank = std::tuple<bool, bool, UnixTime>;
  std::optional<OwnChain> best;
  Rank best_rank;
  for (size_t i = 0; i < own.size(); ++i) {
    const Certificate& one = *own[i];
    if (!one.covers(identity) || !one.extensions().may_sign_data) continue;
    OwnChain chain = chain_of(one, authorities, wanted);
    chain.own = i;
    const bool in_force = one.not_before() <= now && now <= one.not_after();
    const Rank rank{chain.wanted, in_force, one.not_after()};
    if (best && rank <= best_rank) continue;
    best = std::move(chain);
    best_rank = rank;
  }
  if (best) return std::move(*best);
  return fail(
      "none of our certificates that can sign is for {}; its subjectAltName must have that "
      "identity, or its subject be it, and its private key must be here",
      printable(as_bytes(to_string(identity))));
}

}  // namespace iked::pki
