// SPDX-License-Identifier: ISC
#include "xfrm/socket.h"

#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <span>
#include <system_error>

#include "base/check.h"
#include "xfrm/uapi.h"

namespace iked::xfrm {
namespace {

constexpr int kPending = -1;  // no errno

std::string reason(int error) {
  return std::generic_category().message(error);
}

void set_option(int fd, int level, int name, int value) {
  // Whoever lacks the option or the right to it gets the kernel's default, which also works.
  (void)setsockopt(fd, level, name, &value, sizeof value);
}

// The octets of one datagram of the kernel's, or an errno. Datagrams of other processes count as
// none. A datagram that is larger than the buffer is EMSGSIZE.
std::expected<size_t, int> receive_from_kernel(int fd, std::span<uint8_t> into, int flags) {
  while (true) {
    sockaddr_nl from{};
    socklen_t from_size = sizeof from;
    const ssize_t size = recvfrom(fd, into.data(), into.size(), flags | MSG_TRUNC,
                                  reinterpret_cast<sockaddr*>(&from), &from_size);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return std::unexpected(errno);
    if (from_size != sizeof from || from.nl_pid != 0) continue;
    if (static_cast<size_t>(size) > into.size()) return std::unexpected(EMSGSIZE);
    return static_cast<size_t>(size);
  }
}

}  // namespace

void SocketCloser::operator()(mnl_socket* socket) const {
  mnl_socket_close(socket);
}

Result<SocketHandle> open_xfrm_socket(uint32_t groups) {
  SocketHandle socket(mnl_socket_open2(NETLINK_XFRM, SOCK_CLOEXEC));
  if (!socket && errno == EPROTONOSUPPORT) {
    return fail(
        "this kernel has no XFRM netlink: load the module xfrm_user, or boot a kernel with "
        "CONFIG_XFRM_USER");
  }
  if (!socket) return fail("cannot open a netlink socket for XFRM: {}", reason(errno));
  if (mnl_socket_bind(socket.get(), groups, MNL_SOCKET_AUTOPID) < 0) {
    const int error = errno;
    if (error == EPERM || error == EACCES) {
      return fail("cannot listen to XFRM: needs CAP_NET_ADMIN (run as root, or by the unit)");
    }
    return fail("cannot bind a netlink socket for XFRM: {}", reason(error));
  }
  return socket;
}

Result<RequestSocket> RequestSocket::open() {
  auto socket = open_xfrm_socket(0);
  if (!socket) return fail(socket);
  const int fd = mnl_socket_get_fd(socket->get());
  set_option(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
  set_option(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
  // Room for kMaxMessages answers of the largest kind.
  set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20);
  set_option(fd, SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20);
  // The answer is there when the send returns. Should it not be, better an error than a standstill.
  const timeval patience{5, 0};
  (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return RequestSocket(std::move(*socket));
}

Result<void> RequestSocket::send(ByteView octets) {
  if (mnl_socket_sendto(socket_.get(), octets.data(), octets.size()) < 0) {
    return fail("cannot send to the kernel's XFRM: {}", reason(errno));
  }
  return {};
}

Result<ByteView> RequestSocket::receive() {
  const auto size = receive_from_kernel(mnl_socket_get_fd(socket_.get()), buffer_, 0);
  if (!size) return fail("no answer from the kernel's XFRM: {}", reason(size.error()));
  return ByteView(buffer_).first(*size);
}

Result<std::vector<Outcome>> RequestSocket::run(Batch& batch, const DataHandler& on_data) {
  const uint32_t first = next_sequence_;
  batch.number_from(first);
  next_sequence_ += static_cast<uint32_t>(batch.count());
  std::vector<Outcome> outcomes(batch.count(), Outcome{kPending, {}});
  for (size_t from = 0; from < batch.count();) {
    size_t to = from + 1;
    while (to < batch.count() && to - from < kMaxMessages &&
           batch.messages(from, to + 1).size() <= kMaxOctets) {
      ++to;
    }
    if (auto done = run_part(batch, from, to, first, on_data, outcomes); !done) return fail(done);
    from = to;
  }
  return outcomes;
}

Result<void> RequestSocket::run_part(const Batch& batch, size_t from, size_t to,
                                     uint32_t first_sequence, const DataHandler& on_data,
                                     std::vector<Outcome>& outcomes) {
  if (auto sent = send(batch.messages(from, to)); !sent) return sent;
  size_t waiting = to - from;
  while (waiting > 0) {
    auto datagram = receive();
    if (!datagram) return fail(datagram);
    MessageReader reader(*datagram);
    while (const auto message = reader.next()) {
      const size_t index = message->sequence - first_sequence;
      if (index < from || index >= to) continue;  // of a request that was given up
      if (message->type == NLMSG_ERROR) {
        if (outcomes[index].error == kPending) --waiting;
        outcomes[index] = parse_outcome(*message).value_or(Outcome{EBADMSG, {}});
      } else if (on_data) {
        on_data(index, *message);
      }
    }
    explicit_bzero(buffer_.data(), datagram->size());
  }
  return {};
}

Result<void> RequestSocket::dump(Batch& batch, const DataHandler& on_data) {
  IKED_CHECK(batch.count() == 1);
  const uint32_t sequence = next_sequence_++;
  batch.number_from(sequence);
  if (auto sent = send(batch.octets()); !sent) return sent;
  bool gaps = false;
  while (true) {
    auto datagram = receive();
    if (!datagram) return fail(datagram);
    std::optional<Outcome> refused;
    bool done = false;
    MessageReader reader(*datagram);
    while (const auto message = reader.next()) {
      if (message->sequence != sequence) continue;
      gaps = gaps || (message->flags & NLM_F_DUMP_INTR) != 0;
      if (message->type == NLMSG_DONE) {
        const int error = read_struct<int>(message->payload).value_or(0);
        if (error < 0) refused = Outcome{-error, {}};
        done = true;
      } else if (message->type == NLMSG_ERROR) {
        refused = parse_outcome(*message).value_or(Outcome{EBADMSG, {}});
      } else {
        on_data(0, *message);
      }
    }
    explicit_bzero(buffer_.data(), datagram->size());
    if (refused) return fail("{}", to_string(*refused));
    if (done && gaps) return fail("the table changed while it was read");
    if (done) return {};
  }
}

Result<EventSocket> EventSocket::open() {
  auto socket = open_xfrm_socket(kGroupAcquire | kGroupExpire | kGroupMapping);
  if (!socket) return fail(socket);
  // 100,000 SAs may expire within one second.
  set_option(mnl_socket_get_fd(socket->get()), SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20);
  return EventSocket(std::move(*socket));
}

int EventSocket::fd() const {
  return mnl_socket_get_fd(socket_.get());
}

Result<ByteView> EventSocket::next() {
  const auto size = receive_from_kernel(fd(), buffer_, MSG_DONTWAIT);
  if (size) return ByteView(buffer_).first(*size);
  if (size.error() == EAGAIN) return ByteView{};
  return fail("events of the kernel were lost: {}", reason(size.error()));
}

}  // namespace iked::xfrm
