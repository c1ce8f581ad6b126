// SPDX-License-Identifier: ISC
// How ikectl reaches iked: the control socket, or D-Bus for those who may not use that.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "control/client.h"

namespace iked::ikectl {

class Link {
 public:
  template <typename T>
  using Answer = std::expected<T, ControlError>;
  using Done = Answer<void>;

  virtual ~Link() = default;
  virtual Done for_each_sa(const std::function<void(const IkeSaRow&)>& row) = 0;
  virtual Done for_each_policy(const std::function<void(const PolicyRow&)>& row) = 0;
  virtual Answer<control::StatisticRows> statistics() = 0;
  virtual Answer<control::FailureRows> failures(const std::string& name) = 0;
  /// Events that come before the outcome go to `event`.
  virtual Control::Outcome command(const control::Request& request,
                                   const std::function<void(const EventRow&)>& event) = 0;
  /// Gives each event to `event` until that returns false or iked is gone.
  virtual Done monitor(const std::function<bool(const EventRow&)>& event) = 0;
};

Link::Answer<std::unique_ptr<Link>> connect_socket(const std::string& path);
/// Nothing is started for it: it fails where iked is not on the bus.
Link::Answer<std::unique_ptr<Link>> connect_bus();

/// The socket that the user has named; or else the usual one, and D-Bus when he may not use that
/// or it is not there. Whoever may use the socket needs no polkit.
Link::Answer<std::unique_ptr<Link>> connect_daemon(const std::string& named_socket);

}  // namespace iked::ikectl
