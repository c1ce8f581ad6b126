// SPDX-License-Identifier: ISC
#include "keeper/other_file.h"

#include <filesystem>
#include <system_error>

namespace iked::keeper {

namespace fs = std::filesystem;

Result<std::string> other_file(const std::string& configured, const std::string& wanted) {
  std::error_code error;
  const fs::path folder = fs::canonical(configured, error).parent_path();
  if (error) return fail("{}: {}", configured, error.message());
  const fs::path named(wanted);
  const auto refuse = [&] {
    return fail("{} may not be loaded: only {}/iked*.conf and {}/iked/*.conf may; copy it there",
                wanted, folder.string(), folder.string());
  };
  // Whether a file is there is nobody's business before it may be loaded.
  const auto may = [&](const fs::path& path) {
    if (!path.is_absolute() || path.extension() != ".conf") return false;
    const fs::path in = path.parent_path();
    return (in == folder && path.filename().string().starts_with("iked")) || in == folder / "iked";
  };
  const fs::path plain = named.lexically_normal();
  const fs::path beside = fs::path(configured).parent_path();
  if (!may(plain) && !may(folder / plain.lexically_relative(beside))) return refuse();
  const fs::path real = fs::canonical(named, error);
  if (error) return fail("{}: {}", wanted, error.message());
  if (!may(real)) return refuse();
  return real.string();
}

}  // namespace iked::keeper
