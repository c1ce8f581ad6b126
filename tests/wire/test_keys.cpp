// SPDX-License-Identifier: ISC
#include "wire/test_keys.h"

#include "base/check.h"
#include "crypto/algorithms.h"

namespace iked::wire {

crypto::MessageKeys test_keys(const TestSuite& suite, int which) {
  static const std::array<Bytes, 2> octets = {Bytes(128, 0x11), Bytes(128, 0x22)};
  const crypto::EncrInfo* encr = crypto::ike_encr(suite.encr);
  IKED_CHECK(encr);
  const crypto::IntegInfo* integ = crypto::ike_integ(suite.integ);
  const ByteView all = octets.at(static_cast<size_t>(which));
  return {suite.encr, suite.integ, all.first(encr->key + encr->salt),
          all.subspan(64, suite.integ == IntegId::NONE ? 0 : integ->key)};
}

crypto::SealLayout test_layout(const TestSuite& suite) {
  const auto layout = crypto::seal_layout(suite.encr, suite.integ);
  IKED_CHECK(layout);
  return *layout;
}

Bytes test_iv(const TestSuite& suite) {
  return Bytes(test_layout(suite).iv, 0x33);
}

}  // namespace iked::wire
