// SPDX-License-Identifier: ISC
#include "keeper/confine.h"

#include "sandbox/file_access.h"
#include "sandbox/syscall_filter.h"
#include "sandbox/user.h"

namespace iked::keeper {

Result<void> confine() {
  if (auto done = sandbox::drop_capabilities_except({}); !done) return done;
  const Result<bool> files = sandbox::restrict_files({.read_everything = true});
  if (!files) return std::unexpected(files.error());
  return sandbox::filter_system_calls(sandbox::Program::keeper);
}

}  // namespace iked::keeper
