// SPDX-License-Identifier: ISC
#include "daemon/network.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sstream>

namespace iked::test {
namespace {

std::vector<std::string> words_of(const std::string& command) {
  std::istringstream in(command);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

}  // namespace

bool can_make_networks() {
  return getuid() == 0 && test::run({"unshare", "--net", "true"}) == 0;
}

// The word comes only after unshare has made the namespace.
Network::Network()
    : holder_(
          {"unshare", "--net", "sh", "-c", "ip link set lo up && echo up && exec sleep infinity"}) {
  holder_.wait_for("up");
}

void Network::run(const std::string& command) const {
  std::string output;
  SpawnOptions inside;
  inside.network_of = holder();
  EXPECT_EQ(test::run(words_of(command), &output, inside), 0) << command << ": " << output;
}

Cable::Cable() {
  west.run("ip link add cable type veth peer name cable netns " + std::to_string(east.holder()));
  west.run("ip address add 192.0.2.1/24 dev cable");
  west.run("ip link set cable up");
  east.run("ip address add 192.0.2.2/24 dev cable");
  east.run("ip link set cable up");
}

}  // namespace iked::test
