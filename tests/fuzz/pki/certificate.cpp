// SPDX-License-Identifier: ISC
// A certificate that a stranger sends: it is read or refused, and what was read can be asked.

#include "pki/certificate.h"

#include <cstdlib>

#include "pki/name_constraints.h"
#include "pki/verify.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace iked;
  const auto read = pki::Certificate::parse({data, size});
  if (!read) {
    if (read.error().text.find('\n') != std::string::npos) std::abort();
    return 0;
  }
  for (const Identity& name : read->names()) {
    if (!read->covers(name) || name.octets.empty()) std::abort();
  }
  if (read->public_key_hash().size() != 20 || read->public_key().empty()) std::abort();
  (void)pki::check_name_constraints(*read, *read);
  // As its own issuer, as an anchor and as what the peer sends.
  pki::TrustStore store;
  (void)store.add_ca(read->der(), "itself");
  pki::ChainRequest request{.certificates = {read->der(), read->der()}, .now = 1'800'000'000};
  request.peer = {IdType::DER_ASN1_DN, read->subject_dn()};
  for (const bool partial : {false, true}) {
    request.partial_chain = partial;
    (void)pki::verify(store, request);
  }
  return 0;
}
