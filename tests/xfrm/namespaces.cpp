// SPDX-License-Identifier: ISC
#include "xfrm/namespaces.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/check.h"

namespace iked::xfrm {
namespace {

constexpr int kPatienceSeconds = 20;

int unshared() {
  IKED_CHECK(unshare(CLONE_NEWNET) == 0);
  return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Address to_sockaddr(const Endpoint& endpoint) {
  Address to;
  if (endpoint.address.is_v4()) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&to.storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(endpoint.port);
    std::ranges::copy(endpoint.address.octets(), reinterpret_cast<uint8_t*>(&v4->sin_addr));
    to.size = sizeof *v4;
  } else {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&to.storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(endpoint.port);
    std::ranges::copy(endpoint.address.octets(), reinterpret_cast<uint8_t*>(&v6->sin6_addr));
    to.size = sizeof *v6;
  }
  return to;
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

Namespace::Namespace() : fd_(unshared()) {
  IKED_CHECK(fd_.get() >= 0);
}

void Namespace::enter() const {
  IKED_CHECK(setns(fd_.get(), CLONE_NEWNET) == 0);
}

std::string Namespace::path() const {
  return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(fd_.get());
}

bool may_make_namespaces() {
  static const bool may = [] {
    const pid_t child = fork();
    if (child == 0) _exit(unshare(CLONE_NEWNET) == 0 ? 0 : 1);
    int status = 1;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
  }();
  return may;
}

std::string run(const std::string& command) {
  FILE* pipe = popen(("exec 2>&1; " + command).c_str(), "re");
  IKED_CHECK(pipe != nullptr);
  std::string text;
  std::array<char, 4096> piece{};
  while (const size_t size = fread(piece.data(), 1, piece.size(), pipe)) {
    text.append(piece.data(), size);
  }
  const int status = pclose(pipe);
  EXPECT_EQ(status, 0) << command << ": " << text;
  return text;
}

void ip_batch(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  run("ip -batch - <<'END'\n" + text + "END\n");
}

bool kernel_is_at_least(int major, int minor) {
  utsname name{};
  int is_major = 0;
  int is_minor = 0;
  if (uname(&name) != 0 || sscanf(name.release, "%d.%d", &is_major, &is_minor) != 2) return false;
  return std::pair(is_major, is_minor) >= std::pair(major, minor);
}

std::string states() {
  return run("ip xfrm state list");
}

std::string policies() {
  return run("ip xfrm policy list");
}

size_t count(const std::string& text, const std::string& word) {
  size_t found = 0;
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

Descriptor udp_socket(const Endpoint& local) {
  const int family = local.address.is_v4() ? AF_INET : AF_INET6;
  Descriptor made(socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const timeval patience{kPatienceSeconds, 0};
  EXPECT_EQ(setsockopt(made.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
  const Address address = to_sockaddr(local);
  EXPECT_EQ(bind(made.get(), address.get(), address.size), 0)
      << iked::to_string(local) << ": " << strerror(errno);
  return made;
}

void decapsulate_esp(const Descriptor& socket) {
  constexpr int kUdpEncap = 100;  // UDP_ENCAP
  const int esp_in_udp = 2;       // UDP_ENCAP_ESPINUDP
  EXPECT_EQ(setsockopt(socket.get(), IPPROTO_UDP, kUdpEncap, &esp_in_udp, sizeof esp_in_udp), 0);
}

void send_text(const Descriptor& from, const Endpoint& to, const std::string& text) {
  const Address address = to_sockaddr(to);
  // A packet that waits for its SA is refused with an error, which is not this function's business.
  (void)sendto(from.get(), text.data(), text.size(), 0, address.get(), address.size);
}

bool may_send(const Descriptor& from, const Endpoint& to) {
  const Address address = to_sockaddr(to);
  return sendto(from.get(), "x", 1, 0, address.get(), address.size) == 1;
}

std::string receive_text(const Descriptor& socket) {
  std::array<char, 2048> buffer{};
  const ssize_t size = recv(socket.get(), buffer.data(), buffer.size(), 0);
  return size > 0 ? std::string(buffer.data(), static_cast<size_t>(size)) : "";
}

bool wait_readable(int fd) {
  pollfd wanted{fd, POLLIN, 0};
  return poll(&wanted, 1, kPatienceSeconds * 1000) == 1;
}

}  // namespace iked::xfrm
