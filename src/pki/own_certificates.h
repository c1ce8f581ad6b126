// SPDX-License-Identifier: ISC
// Our side of certificates: which of them are for our key, and what a peer needs to see with them.
#pragma once

#include <string>
#include <vector>

#include "model/credentials.h"

namespace iked::pki {

struct Fault {
  std::string file;
  std::string text;
};

/// Fills in what `credentials` says about certificates: those of `found` that are for its own key
/// with the way to their root (the others of `found` and the authorities may be on it), and what
/// our CERTREQ payloads ask for. What cannot be used is named in the result; an authority that
/// cannot is taken out.
std::vector<Fault> describe_certificates(Credentials& credentials,
                                         const std::vector<NamedDer>& found, bool partial_chain);

}  // namespace iked::pki
