// SPDX-License-Identifier: ISC
// The words of ikectl's command line. Each may be shortened to any prefix that is not ambiguous;
// words of OpenBSD's ikectl go before those of ours, so that old scripts mean what they meant. What
// the commands do is run.cpp's.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "control/protocol.h"

namespace iked::ikectl {

/// The request that the words spell. The error is for the user's eyes: what is wrong with which
/// word, and the words that could stand there.
Result<control::Request> parse_command(std::span<const std::string_view> words);

/// All commands, for a command line without any. Several lines, the last one without its end.
std::string usage();

}  // namespace iked::ikectl
