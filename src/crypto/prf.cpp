// SPDX-License-Identifier: ISC
#include "crypto/prf.h"

#include <gnutls/crypto.h>

#include <algorithm>

#include "base/check.h"
#include "crypto/mac.h"
#include "crypto/prf_provider.h"

namespace iked::crypto {
namespace {

struct PrfRow {
  PrfId id;
  MacAlgorithm mac;
};

constexpr PrfRow prf_rows[] = {
    {PrfId::HMAC_MD5, MacAlgorithm::HMAC_MD5},
    {PrfId::HMAC_SHA1, MacAlgorithm::HMAC_SHA1},
    {PrfId::HMAC_SHA2_256, MacAlgorithm::HMAC_SHA2_256},
    {PrfId::HMAC_SHA2_384, MacAlgorithm::HMAC_SHA2_384},
    {PrfId::HMAC_SHA2_512, MacAlgorithm::HMAC_SHA2_512},
    {PrfId::AES128_XCBC, MacAlgorithm::AES128_XCBC},
    {PrfId::AES128_CMAC, MacAlgorithm::AES128_CMAC},
};

using AesKey = SecretArray<16>;

/// A shorter key with zeros behind it.
AesKey padded(ByteView key) {
  AesKey out;
  std::ranges::copy(key, out.reveal_writable().begin());
  return out;
}

/// A key of another length as the digest of itself under a key of zeros.
AesKey digested(MacAlgorithm algorithm, ByteView key) {
  Mac mac(algorithm, AesKey().reveal());
  mac.add(key);
  AesKey out;
  mac.finish(out.reveal_writable());
  return out;
}

Mac keyed(PrfId id, ByteView key) {
  const std::optional<MacAlgorithm> algorithm = prf_provider(id);
  IKED_CHECK(algorithm);
  if (key.size() != 16) {
    // RFC 4434 2: shorter keys are padded, longer ones digested. RFC 4615 3: any other is digested.
    if (id == PrfId::AES128_XCBC && key.size() < 16) return Mac(*algorithm, padded(key).reveal());
    if (id == PrfId::AES128_XCBC || id == PrfId::AES128_CMAC) {
      return Mac(*algorithm, digested(*algorithm, key).reveal());
    }
  }
  return Mac(*algorithm, key);
}

}  // namespace

std::optional<MacAlgorithm> prf_provider(PrfId id) {
  const auto* row = std::ranges::find(prf_rows, id, &PrfRow::id);
  if (row == std::end(prf_rows)) return std::nullopt;
  return row->mac;
}

SecretBytes prf(PrfId id, ByteView key, std::initializer_list<ByteView> parts) {
  Mac mac = keyed(id, key);
  for (ByteView part : parts) mac.add(part);
  SecretBytes out(mac.output());
  mac.finish(out.reveal_writable());
  return out;
}

SecretBytes prf_plus(PrfId id, ByteView key, ByteView seed, size_t length) {
  Mac mac = keyed(id, key);
  // RFC7296 2.13: "The prf+ function is not defined beyond 255 times the size of the prf function
  // output."
  IKED_CHECK(length <= 255 * mac.output());
  SecretBytes out(length);
  SecretArray<max_mac_output> block;
  const ByteView whole_block = block.reveal().first(mac.output());
  size_t done = 0;
  for (uint8_t counter = 1; done < length; ++counter) {
    if (counter > 1) mac.add(whole_block);
    mac.add(seed);
    mac.add({&counter, 1});
    mac.finish(block.reveal_writable());
    const size_t part = std::min(length - done, mac.output());
    std::ranges::copy(whole_block.first(part),
                      out.reveal_writable().begin() + static_cast<ptrdiff_t>(done));
    done += part;
  }
  return out;
}

Bytes sha1(std::initializer_list<ByteView> parts) {
  gnutls_hash_hd_t handle = nullptr;
  IKED_CHECK(gnutls_hash_init(&handle, GNUTLS_DIG_SHA1) == 0);
  for (ByteView part : parts) IKED_CHECK(gnutls_hash(handle, part.data(), part.size()) == 0);
  Bytes out(20);
  gnutls_hash_deinit(handle, out.data());
  return out;
}

Bytes keyed_digest(ByteView key, std::initializer_list<ByteView> parts) {
  return to_bytes(prf(PrfId::HMAC_SHA2_256, key, parts).reveal());
}

}  // namespace iked::crypto
