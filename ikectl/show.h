// SPDX-License-Identifier: ISC
// SAs and policies as lines of text. The beginnings of the lines are what scripts for OpenIKED's
// ikectl look for: `^iked_sas: .* ESTABLISHED [ir] ` and
// `^  sa_childsas: \S+ (ESP|AH) 0x[0-9a-f]{8} (in|out) `.
#pragma once

#include <string>

#include "model/control.h"

namespace iked::ikectl {

/// One line for the IKE SA, one per direction of each child SA and one per flow.
std::string to_lines(const IkeSaRow& sa);
/// One line.
std::string to_lines(const PolicyRow& policy);

}  // namespace iked::ikectl
