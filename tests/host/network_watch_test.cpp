// SPDX-License-Identifier: ISC
#include "host/network_watch.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>

#include "host/namespace.h"

namespace iked::host {
namespace {

class NetworkWatchTest : public HostTest {
 protected:
  // Gives "inside" an alias with this address, or takes it away again by taking it down.
  static bool set_alias(const char* address) {
    const Descriptor fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    std::strncpy(request.ifr_name, "inside:9", IFNAMSIZ - 1);
    sockaddr_in in{};
    in.sin_family = AF_INET;
    inet_pton(AF_INET, address, &in.sin_addr);
    std::memcpy(&request.ifr_addr, &in, sizeof in);
    return ioctl(fd.get(), SIOCSIFADDR, &request) == 0;
  }
  static bool readable(const NetworkWatch& watch) {
    pollfd entry{.fd = watch.descriptor(), .events = POLLIN, .revents = 0};
    return poll(&entry, 1, 0) == 1;
  }
};

TEST_F(NetworkWatchTest, IsQuietWhileNothingChanges) {
  auto watch = NetworkWatch::open();
  ASSERT_TRUE(watch) << watch.error().text;
  EXPECT_FALSE(readable(*watch));
  EXPECT_FALSE(watch->take());
}

TEST_F(NetworkWatchTest, TellsOfAnAddressThatComesAndGoes) {
  auto watch = NetworkWatch::open();
  ASSERT_TRUE(watch) << watch.error().text;
  for (const char* address : {"192.0.2.9", "0.0.0.0"}) {
    ASSERT_TRUE(set_alias(address)) << strerror(errno);
    EXPECT_TRUE(readable(*watch));
    EXPECT_TRUE(watch->take());
    EXPECT_FALSE(readable(*watch));
  }
}

TEST_F(NetworkWatchTest, TellsOfMoreThanItCouldHold) {
  auto watch = NetworkWatch::open();
  ASSERT_TRUE(watch) << watch.error().text;
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(set_alias(i % 2 == 0 ? "192.0.2.9" : "192.0.2.10")) << strerror(errno);
  }
  size_t calls = 0;
  while (watch->take()) ASSERT_LT(++calls, 10000U);
  EXPECT_GE(calls, 1U);
  EXPECT_FALSE(readable(*watch));
}

}  // namespace
}  // namespace iked::host
