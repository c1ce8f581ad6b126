// SPDX-License-Identifier: ISC
#include "dbus/probe.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace iked::dbus {
namespace {

std::optional<std::string> socket_path(const std::string& addresses) {
  static constexpr std::string_view prefix = "unix:path=";
  const size_t at = addresses.find(prefix);
  if (at == std::string::npos) return std::nullopt;
  const size_t begin = at + prefix.size();
  return addresses.substr(begin, addresses.find_first_of(",;", begin) - begin);
}

/// How every client begins: the user id in decimal, each digit in hex.
std::string greeting() {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text("\0AUTH EXTERNAL ", 15);
  for (const char c : std::to_string(geteuid())) {
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[static_cast<unsigned char>(c) & 0xf];
  }
  return text + "\r\n";
}

}  // namespace

std::string system_bus_address() {
  const char* address = secure_getenv("DBUS_SYSTEM_BUS_ADDRESS");
  return address != nullptr && *address != '\0' ? address : "unix:path=/run/dbus/system_bus_socket";
}

Result<Probe> Probe::start(const std::string& addresses) {
  const std::optional<std::string> path = socket_path(addresses);
  if (!path) return Probe(Descriptor{});
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  if (path->size() >= sizeof address.sun_path) return fail("{}: the path is too long", *path);
  memcpy(address.sun_path, path->data(), path->size());
  Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0) return fail("cannot make a socket: {}", strerror(errno));
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the socket interface
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return fail("{}: {}", *path, strerror(errno));
  }
  const std::string words = greeting();
  const ssize_t sent = ::send(fd.get(), words.data(), words.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(words.size())) return fail("{}: {}", *path, strerror(errno));
  return Probe(std::move(fd));
}

Result<void> Probe::finish() {
  std::array<char, 256> words{};
  const ssize_t got = ::recv(fd_.get(), words.data(), words.size(), 0);
  if (got > 0) return {};
  return fail("the bus hangs up{}{}", got < 0 ? ": " : "", got < 0 ? strerror(errno) : "");
}

}  // namespace iked::dbus
