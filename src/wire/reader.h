// SPDX-License-Identifier: ISC
#pragma once

#include "base/reader.h"

namespace iked::wire {

using iked::Reader;

}  // namespace iked::wire
