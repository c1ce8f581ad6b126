// SPDX-License-Identifier: ISC
// A source line as a message shows it: without secrets, safe for a terminal, cut to a window, with
// a caret line below.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conf/diagnostics.h"

namespace iked::conf {

/// Two lines, each begun with two blanks: the physical line of `spot` in the file's `text`, and
/// "^~~~" under it. Secret parts are shown as "***": those of `secrets`, and whatever follows a
/// word that announces a secret.
std::string excerpt(std::string_view text, const Spot& spot,
                    const std::vector<SecretRange>& secrets);

}  // namespace iked::conf
