// SPDX-License-Identifier: ISC
#pragma once

#include "base/result.h"

namespace iked::keeper {

/// What iked-keeper does to itself before it reads anything: no capability, no socket but those that
/// are open, files for reading only, no other program, no tracing. There is no way back.
Result<void> confine();

}  // namespace iked::keeper
