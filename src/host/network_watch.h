// SPDX-License-Identifier: ISC
// Says that addresses or routes of this host have changed, not which: whoever wants to know asks
// (host/addresses.h). Events that were lost are events, too.
#pragma once

#include "base/descriptor.h"
#include "base/result.h"

namespace iked::host {

class NetworkWatch {
 public:
  /// Listens from now on, in the network namespace of the caller.
  static Result<NetworkWatch> open();

  /// Readable when something has changed.
  int descriptor() const { return socket_.get(); }
  /// Takes what has been told so far. False when there was nothing.
  bool take();

 private:
  explicit NetworkWatch(Descriptor socket) : socket_(std::move(socket)) {}

  Descriptor socket_;
};

}  // namespace iked::host
