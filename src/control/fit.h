// SPDX-License-Identifier: ISC
// Makes answers that fit into one frame, however many or large the rows are.
#pragma once

#include "control/protocol.h"

namespace iked::control {

/// One page each, of at most 64 rows and max_response_body octets. An SA whose children alone are
/// too many is shown with some of them and the count of the others.
Frame sas_that_fit(Control& control, const ShowSas& asked);
Frame policies_that_fit(Control& control, const ShowPolicies& asked);

/// Succeeded or Failed; a text that is too long is cut.
Frame outcome_that_fits(Result<std::string> outcome);
Frame end_that_fits(Control::Outcome outcome);

/// FailureRows (or Failed), without the oldest where they are too many.
Frame failures_that_fit(Response answer);

}  // namespace iked::control
