// SPDX-License-Identifier: ISC
#include "pki/verify.h"

#include <algorithm>
#include <optional>

#include "pki/judge.h"
#include "pki/path.h"

namespace iked::pki {
namespace {

Result<void> check_limits(const ChainRequest& request) {
  const auto& all = request.certificates;
  if (all.empty()) {
    return fail("the peer {} sent no certificate; it must be set up to send its own",
                printable(as_bytes(to_string(request.peer))));
  }
  if (all.size() > ChainRequest::most_certificates) {
    return fail("the peer sent {} certificates; at most {} are read", all.size(),
                ChainRequest::most_certificates);
  }
  size_t octets = 0;
  for (const Bytes& one : all) octets += one.size();
  if (octets > ChainRequest::most_octets) {
    return fail("the peer sent {} octets of certificates; at most {} are read", octets,
                ChainRequest::most_octets);
  }
  return {};
}

}  // namespace

Result<ChainVerdict> verify(const TrustStore& store, const ChainRequest& request) {
  if (auto good = check_limits(request); !good) return fail(good);
  auto leaf = Certificate::parse(request.certificates.front());
  if (!leaf) return fail("the peer's certificate cannot be used: {}", leaf.error().text);
  if (auto good = check_leaf(*leaf, request); !good) return fail(good);

  std::vector<Certificate> others;
  std::string unreadable;
  for (size_t i = 1; i < request.certificates.size(); ++i) {
    auto other = Certificate::parse(request.certificates[i]);
    // It may be one that is not needed. If it is, its absence is the reason.
    if (other)
      others.push_back(std::move(*other));
    else
      unreadable = other.error().text;
  }
  auto how = find_path(store, request, *leaf, others);
  if (!how && !unreadable.empty()) {
    return fail("{} (one of the peer's certificates cannot be used: {})", how.error().text,
                unreadable);
  }
  if (!how) return fail(how);
  Bytes key = leaf->public_key();
  return ChainVerdict{std::move(key), std::move(*leaf), std::move(*how)};
}

}  // namespace iked::pki
