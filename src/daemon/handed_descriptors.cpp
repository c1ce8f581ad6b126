// SPDX-License-Identifier: ISC
#include "daemon/handed_descriptors.h"

#include <sys/socket.h>
#include <systemd/sd-daemon.h>

namespace iked::daemon {

HandedDescriptors take_handed_descriptors() {
  HandedDescriptors handed;
  const int given = sd_listen_fds(/*unset_environment=*/1);
  for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + given; ++fd) {
    Descriptor one(fd);
    if (sd_is_socket_unix(fd, SOCK_STREAM, /*listening=*/1, nullptr, 0) > 0) {
      if (!handed.control) handed.control = std::move(one);
    } else if (sd_is_socket(fd, AF_INET, SOCK_DGRAM, /*listening=*/-1) > 0 ||
               sd_is_socket(fd, AF_INET6, SOCK_DGRAM, /*listening=*/-1) > 0) {
      handed.udp.push_back(std::move(one));
    }
  }
  return handed;
}

}  // namespace iked::daemon
