// SPDX-License-Identifier: ISC
#include "net/udp_socket.h"

#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/check.h"
#include "base/log.h"
#include "base/sockaddr.h"
#include "net/bypass.h"
#include "net/encapsulation.h"
#include "net/port_owner.h"

namespace iked::net {
namespace {

std::string_view name_of(Family family) {
  return family == Family::v4 ? "IPv4" : "IPv6";
}

struct Option {
  int level;
  int name;
  int value;
  const char* purpose;
};

/// The address that a packet was sent to, or nothing when it is no unicast address of this host.
std::optional<Endpoint> destination_of(const msghdr& header, uint16_t port) {
  // CMSG_NXTHDR wants a msghdr it may write to; it does not.
  msghdr message = header;
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      in_pktinfo info;
      std::memcpy(&info, CMSG_DATA(c), sizeof info);
      // For broadcasts and multicasts the header's address is not the one we would answer from.
      if (info.ipi_addr.s_addr != info.ipi_spec_dst.s_addr) return std::nullopt;
      return Endpoint{to_ip(info.ipi_addr), port};
    }
    if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info;
      std::memcpy(&info, CMSG_DATA(c), sizeof info);
      if (IN6_IS_ADDR_MULTICAST(&info.ipi6_addr)) return std::nullopt;
      const bool scoped = IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr);
      return Endpoint{to_ip(info.ipi6_addr), port, scoped ? info.ipi6_ifindex : 0};
    }
  }
  return std::nullopt;
}

/// The control message that makes the kernel send from `local`, in its buffer.
struct SourceControl {
  alignas(cmsghdr) std::array<uint8_t, CMSG_SPACE(sizeof(in6_pktinfo))> buffer{};

  template <typename Info>
  void set(msghdr& message, int level, int type, const Info& info) {
    message.msg_control = buffer.data();
    message.msg_controllen = CMSG_SPACE(sizeof info);
    cmsghdr* c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = level;
    c->cmsg_type = type;
    c->cmsg_len = CMSG_LEN(sizeof info);
    std::memcpy(CMSG_DATA(c), &info, sizeof info);
  }

  void set(msghdr& message, const Endpoint& local, const Endpoint& remote) {
    if (local.address.is_v4()) {
      in_pktinfo info{};
      info.ipi_spec_dst = to_in_addr(local.address);
      set(message, IPPROTO_IP, IP_PKTINFO, info);
    } else {
      in6_pktinfo info{};
      info.ipi6_addr = to_in6_addr(local.address);
      info.ipi6_ifindex = local.scope != 0 ? local.scope : remote.scope;
      set(message, IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
  }
};

std::string explain_send_error(int error, bool with_source) {
  const std::string words = std::strerror(error);
  switch (error) {
    case EPERM:
    case EACCES:
      return words + ": a firewall or an IPsec policy of this host forbids it";
    case EADDRNOTAVAIL:
    case EINVAL:
    case ENETUNREACH:  // which of them a lost source address gives depends on the kernel
      return with_source ? words + ": is the source still an address of this host?" : words;
    case EAGAIN:
    case ENOBUFS:
      return "the kernel's send queue is full";
    default:
      return words;
  }
}

}  // namespace

ReceiveBatch::ReceiveBatch()
    : octets_(std::make_unique_for_overwrite<uint8_t[]>(capacity * datagram_size)) {}

mmsghdr* ReceiveBatch::prepare() {
  for (size_t i = 0; i < capacity; ++i) {
    vectors_[i] = {octets_.get() + i * datagram_size, datagram_size};
    headers_[i] = {};
    headers_[i].msg_hdr.msg_name = &sources_[i];
    headers_[i].msg_hdr.msg_namelen = sizeof sources_[i];
    headers_[i].msg_hdr.msg_iov = &vectors_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
    headers_[i].msg_hdr.msg_control = controls_[i].data();
    headers_[i].msg_hdr.msg_controllen = controls_[i].size();
  }
  return headers_.data();
}

ByteView ReceiveBatch::payload(size_t i) const {
  return {octets_.get() + i * datagram_size, std::min<size_t>(headers_[i].msg_len, datagram_size)};
}

Result<UdpSocket> UdpSocket::open(const Settings& settings) {
  const int domain = settings.family == Family::v4 ? AF_INET : AF_INET6;
  Descriptor fd(socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fail("cannot open an {} socket: {}", name_of(settings.family), strerror(errno));
  UdpSocket opened(std::move(fd), settings);
  if (auto set = opened.set_options(); !set) return fail(set);
  // Before bind, so that no packet comes in while a policy still applies.
  if (settings.coupled) {
    if (auto coupled = opened.couple(); !coupled) return fail(coupled);
  }
  if (auto bound = opened.bind_port(); !bound) return fail(bound);
  return opened;
}

bool UdpSocket::fits(int descriptor, const Settings& settings) {
  int type = 0;
  socklen_t length = sizeof type;
  if (getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_DGRAM) {
    return false;
  }
  SocketAddress address;
  address.length = sizeof address.storage;
  if (getsockname(descriptor, address.get(), &address.length) != 0) return false;
  const auto bound = to_endpoint(address);
  return bound && bound->address == IpAddress::any(settings.family) && bound->port == settings.port;
}

Result<UdpSocket> UdpSocket::adopt(Descriptor descriptor, const Settings& settings) {
  UdpSocket adopted(std::move(descriptor), settings);
  // The options are set again: they may not be those of this process's version or settings.
  if (auto set = adopted.set_options(); !set) return fail(set);
  if (settings.coupled) {
    if (auto coupled = adopted.couple(); !coupled) return fail(coupled);
  }
  return adopted;
}

Result<void> UdpSocket::set_options() {
  // RFC7296 2: messages of up to 3000 octets SHOULD pass, so the way must be allowed to cut them.
  static constexpr Option v4[] = {
      {IPPROTO_IP, IP_PKTINFO, 1, "learn the address a packet was sent to"},
      {IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT, "allow fragments"},
  };
  static constexpr Option v6[] = {
      {IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "learn the address a packet was sent to"},
      {IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT, "allow fragments"},
  };
  const auto options = family() == Family::v4 ? std::span<const Option>(v4) : v6;
  for (const Option& option : options) {
    if (setsockopt(descriptor(), option.level, option.name, &option.value, sizeof option.value) !=
        0) {
      return fail("{} socket for UDP port {}: cannot {}: {}", name_of(family()), port(),
                  option.purpose, strerror(errno));
    }
  }
  return {};
}

Result<void> UdpSocket::couple() {
  if (const int error = exempt_from_policies(descriptor(), family()); error == EPERM) {
    return fail(
        "no permission to exempt IKE on UDP port {} from IPsec policies: run as root or with "
        "CAP_NET_ADMIN, or use 'set decouple'",
        port());
  } else if (error != 0) {
    log::warn("{} UDP port {}: IKE is not exempt from IPsec policies: {}", name_of(family()),
              port(), strerror(error));
  }
  const int type = UDP_ENCAP_ESPINUDP;
  if (natt() && setsockopt(descriptor(), IPPROTO_UDP, UDP_ENCAP, &type, sizeof type) != 0) {
    log::warn(
        "{} UDP port {}: the kernel does not take ESP out of UDP ({}), so no traffic will pass "
        "between us and peers behind a NAT",
        name_of(family()), port(), strerror(errno));
  }
  return {};
}

Result<void> UdpSocket::bind_port() {
  const IpAddress any = IpAddress::any(family());
  SocketAddress address = to_socket_address({any, port()});
  const int only = 1;  // IPv4 has a socket of its own; to be set before bind
  if (family() == Family::v6 &&
      setsockopt(descriptor(), IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only) != 0) {
    return fail("IPv6 socket for UDP port {}: cannot leave IPv4 alone: {}", port(),
                strerror(errno));
  }
  if (bind(descriptor(), address.get(), address.length) != 0) {
    const int error = errno;
    const std::string where = fmt::format("cannot open UDP port {} on {}", port(), any);
    if (error == EACCES) {
      return fail("{}: {}: run as root or with CAP_NET_BIND_SERVICE", where, strerror(error));
    }
    if (error != EADDRINUSE) return fail("{}: {}", where, strerror(error));
    const auto owner = find_port_owner(family(), port());
    if (!owner) return fail("{}: it is in use; stop the other IKE daemon first", where);
    return fail("{}: {} is in use by {}; stop that program first", where, owner->endpoint,
                to_string(*owner));
  }
  address.length = sizeof address.storage;
  if (getsockname(descriptor(), address.get(), &address.length) == 0) {
    if (const auto bound = to_endpoint(address)) settings_.port = bound->port;
  }
  return {};
}

size_t UdpSocket::receive(ReceiveBatch& batch, std::vector<Datagram>& out, size_t max) {
  size_t taken = 0;
  while (taken < max) {
    const auto wanted = std::min(max - taken, ReceiveBatch::capacity);
    const int got = recvmmsg(descriptor(), batch.prepare(), static_cast<unsigned>(wanted),
                             MSG_DONTWAIT, nullptr);
    if (got < 0 && errno == EINTR) continue;
    // An error that an earlier send left behind is taken by this call; the next one is clean.
    if (got < 0 && errno != EAGAIN) log::debug("UDP port {}: {}", port(), strerror(errno));
    if (got <= 0) break;
    for (size_t i = 0; i < static_cast<size_t>(got); ++i) {
      if (auto datagram = read(batch.header(i), batch.payload(i))) {
        out.push_back(std::move(*datagram));
      }
    }
    taken += static_cast<size_t>(got);
    if (static_cast<size_t>(got) < wanted) break;
  }
  return taken;
}

std::optional<Datagram> UdpSocket::read(const mmsghdr& message, ByteView payload) const {
  if ((message.msg_hdr.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) return std::nullopt;
  const auto octets = find_ike_message(payload, natt());
  if (!octets) return std::nullopt;
  SocketAddress source;
  source.length = message.msg_hdr.msg_namelen;
  std::memcpy(&source.storage, message.msg_hdr.msg_name,
              std::min<size_t>(source.length, sizeof source.storage));
  const auto remote = to_endpoint(source);
  const auto local = destination_of(message.msg_hdr, port());
  if (!remote || !local) return std::nullopt;
  return Datagram{*local, *remote, natt(), to_bytes(*octets)};
}

Result<void> UdpSocket::send(const Datagram& datagram) const {
  static constexpr std::array<uint8_t, non_esp_marker_size> marker{};
  const std::array<ByteView, 2> parts = {marker, datagram.octets};
  // RFC7296 3.1: messages on port 4500 have four octets of zero in front.
  return send(datagram.local, datagram.remote, std::span(parts).subspan(natt() ? 0 : 1));
}

Result<void> UdpSocket::send_keepalive(const Endpoint& local, const Endpoint& remote) const {
  static constexpr std::array<uint8_t, 1> octet = {0xff};
  const std::array<ByteView, 1> parts = {octet};
  return send(local, remote, parts);
}

Result<void> UdpSocket::send(const Endpoint& local, const Endpoint& remote,
                             std::span<const ByteView> parts) const {
  SocketAddress to = to_socket_address(remote);
  std::array<iovec, 2> vectors{};
  IKED_CHECK(parts.size() <= vectors.size());
  for (size_t i = 0; i < parts.size(); ++i) {
    // iovec is for both directions and so not const; sendmsg only reads.
    vectors[i] = {const_cast<uint8_t*>(parts[i].data()), parts[i].size()};
  }
  msghdr message{};
  message.msg_name = to.get();
  message.msg_namelen = to.length;
  message.msg_iov = vectors.data();
  message.msg_iovlen = parts.size();
  SourceControl control;
  // RFC7296 2.11: an answer leaves from the address and port that the request came to.
  const bool with_source = !local.address.is_any();
  if (with_source) control.set(message, local, remote);

  ssize_t sent = sendmsg(descriptor(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  // ECONNREFUSED is the echo of an earlier datagram; reading it has cleared it.
  if (sent < 0 && (errno == ECONNREFUSED || errno == EINTR)) {
    sent = sendmsg(descriptor(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  if (sent >= 0) return {};
  const int error = errno;
  return fail("cannot send to {}{}: {}", remote,
              with_source ? fmt::format(" from {}", local.address) : "",
              explain_send_error(error, with_source));
}

}  // namespace iked::net
