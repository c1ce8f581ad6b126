// SPDX-License-Identifier: ISC
#include "authority/place.h"

namespace iked::authority {
namespace {

enum class Need { none, create, replace };

Outcome<Need> need_of(const Placement& file, const Operator& user) {
  if (!exists(file.path)) return Need::create;
  const auto present = read_secret_file(file.path);
  if (present && *present == file.content) return Need::none;
  if (file.may_replace || user.agrees(Question::replace, "replace " + file.path)) {
    return Need::replace;
  }
  return fail("{} exists and has another content; nothing was changed. To replace it, add --force",
              file.path);
}

}  // namespace

Outcome<void> place(const std::vector<Placement>& files, const Operator& user) {
  std::vector<Need> needs;
  for (const Placement& file : files) {
    auto need = need_of(file, user);
    if (!need) return pass(need);
    needs.push_back(*need);
  }
  for (size_t i = 0; i < files.size(); ++i) {
    if (needs[i] == Need::none) continue;
    const Existing existing = needs[i] == Need::replace ? Existing::replace : Existing::keep;
    auto written = write_file(files[i].path, files[i].content.reveal(), files[i].mode, existing);
    if (!written) return pass(written);
  }
  return {};
}

}  // namespace iked::authority
