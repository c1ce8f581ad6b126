// SPDX-License-Identifier: ISC
// The rows of model/control.h as dictionaries of D-Bus. A key is left out when its value is not
// known yet. docs/dbus.md lists the keys.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <map>
#include <string>
#include <vector>

#include "model/control.h"

namespace iked::dbus {

using Row = std::map<std::string, sdbus::Variant>;

/// Without the children, but with how many there are.
Row to_row(const IkeSaRow& sa);
/// `ike_sa`: whose child it is.
Row to_row(const ChildRow& child, uint64_t ike_sa);
Row to_row(const PolicyRow& policy);
Row to_row(const FailureRow& failure);

}  // namespace iked::dbus
