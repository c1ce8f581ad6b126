// SPDX-License-Identifier: ISC
// The lexer's files: opening the top one, entering included ones, and no way round in circles.
#include <algorithm>

#include "conf/lexer.h"

namespace iked::conf {

void Lexer::enter(const std::string& path, FileText file, std::optional<Place> from) {
  files_.push_back({path, file.text, from});
  Input in;
  in.text = file.text;
  in.place = {static_cast<uint16_t>(files_.size() - 1), 1, 1, 0};
  in.identity = std::move(file.identity);
  inputs_.push_back(std::move(in));
}

bool Lexer::open(const std::string& path) {
  Result<FileText> file = environment_.read(path);
  if (!file) {
    diagnostics_.file_error(path, file.error().text);
    return false;
  }
  enter(path, std::move(*file), std::nullopt);
  return true;
}

std::string Lexer::chain_to(const std::string& path) const {
  std::string chain;
  for (const Input& in : inputs_) {
    if (in.macro.empty()) chain += printable(as_bytes(files_[in.place.file].path)) + " -> ";
  }
  return chain + printable(as_bytes(path));
}

bool Lexer::include(const std::string& path, const Spot& spot) {
  const std::string name = printable(as_bytes(path), 1024);
  const auto depth = std::count_if(inputs_.begin(), inputs_.end(),
                                   [](const Input& in) { return in.macro.empty(); });
  if (depth >= static_cast<ptrdiff_t>(most_nested_files)) {
    diagnostics_.error(spot,
                       fmt::format("files include each other more than {} deep", most_nested_files),
                       {}, chain_to(path));
    return false;
  }
  if (files_.size() >= most_files) {
    diagnostics_.error(spot, fmt::format("more than {} files", most_files));
    return false;
  }
  if (path.empty() || path.find('\0') != std::string::npos) {
    diagnostics_.error(spot, "this is not the name of a file");
    return false;
  }
  Result<FileText> file = environment_.read(path);
  if (!file) {
    diagnostics_.error(spot, fmt::format("cannot include '{}': {}", name, file.error().text));
    return false;
  }
  const bool circle = std::any_of(inputs_.begin(), inputs_.end(), [&](const Input& in) {
    return in.macro.empty() && in.identity == file->identity;
  });
  if (circle) {
    diagnostics_.error(spot, fmt::format("'{}' includes itself", name), {}, chain_to(path));
    return false;
  }
  enter(path, std::move(*file), spot.place);
  return true;
}

}  // namespace iked::conf
