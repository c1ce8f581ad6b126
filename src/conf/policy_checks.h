// SPDX-License-Identifier: ISC
// What can only be judged about a policy as a whole: missing ends, families that do not go
// together, words that contradict each other.
#pragma once

#include "conf/policy_parser.h"

namespace iked::conf {

/// Completes the policy of a draft whose statement is at its end, or reports why it is none.
/// `number` is the running number of the policy in this load, from 1: its name when it has no
/// other.
bool finish_policy(Draft& draft, Tokens& tokens, size_t number);

}  // namespace iked::conf
