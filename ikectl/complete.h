// SPDX-License-Identifier: ISC
// What could stand next on the command line, for the completion of shells. Nothing is carried out:
// the words are those that the parsers of the commands name in their errors, so that whatever they
// learn is completed as well.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace iked::ikectl {

/// Names that are known at run time only. None where they cannot be found out.
struct LiveNames {
  std::function<std::vector<std::string>()> policies;
  std::function<std::vector<std::string>()> identities;  // of peers
  std::function<std::vector<std::string>(const std::string& folder)> authorities;
  std::function<std::vector<std::string>(const std::string& folder, const std::string& ca)> hosts;
};

/// In the answer: a file name could stand here, the shell knows how to complete those.
inline constexpr std::string_view file_names = "<path>";

/// `words` are those behind the options of ikectl; the last one is the one to complete, maybe
/// empty. Each answer begins with it.
std::vector<std::string> complete(std::span<const std::string_view> words, const LiveNames& live);

/// `ikectl --complete [-s socket] WORD ...`: prints the answers, one a line. Always 0.
int run_complete(std::span<const std::string_view> arguments);

}  // namespace iked::ikectl
