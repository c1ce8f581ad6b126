// SPDX-License-Identifier: ISC
// The two netlink sockets: one that asks and waits for the answers, one that hears what happens.
// They move octets and match answers to requests; what the octets mean is records.h's business.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "xfrm/batch.h"
#include "xfrm/reader.h"

struct mnl_socket;

namespace iked::xfrm {

struct SocketCloser {
  void operator()(mnl_socket* socket) const;
};
using SocketHandle = std::unique_ptr<mnl_socket, SocketCloser>;

/// Opens a netlink socket for XFRM that hears `groups`. The errors say what the system lacks.
Result<SocketHandle> open_xfrm_socket(uint32_t groups);

/// Called with each message of data that answers request number `index` of the batch. The message
/// is wiped after the call.
using DataHandler = std::function<void(size_t index, const Message& message)>;

/// Requests and their answers, synchronous: the kernel has answered before the send returns.
class RequestSocket {
 public:
  static Result<RequestSocket> open();

  /// Sends all messages of the batch (each with NLM_F_ACK) and returns the outcome of each. The
  /// kernel works through a batch in order and does not stop at a failure. Sends as few datagrams
  /// as the socket's buffers allow: one up to kMaxMessages. Fails only when the socket does.
  Result<std::vector<Outcome>> run(Batch& batch, const DataHandler& on_data = {});

  /// Sends one dump request and hands over each entry. Fails when the table changed so much in
  /// between that the answer has gaps.
  Result<void> dump(Batch& batch, const DataHandler& on_data);

  static constexpr size_t kMaxMessages = 256;
  static constexpr size_t kMaxOctets = size_t{96} * 1024;

 private:
  explicit RequestSocket(SocketHandle socket)
      : socket_(std::move(socket)), buffer_(size_t{64} * 1024) {}
  Result<void> run_part(const Batch& batch, size_t from, size_t to, uint32_t first_sequence,
                        const DataHandler& on_data, std::vector<Outcome>& outcomes);
  Result<void> send(ByteView octets);
  /// One datagram of the kernel's, valid until the next call.
  Result<ByteView> receive();

  SocketHandle socket_;
  WipedOctets buffer_;
  uint32_t next_sequence_ = 1;
};

/// Hears ACQUIRE, EXPIRE and MAPPING of everybody.
class EventSocket {
 public:
  static Result<EventSocket> open();

  /// Becomes readable when there are events.
  int fd() const;

  /// The next datagram, empty when there is none now. Fails when the kernel had to drop events.
  Result<ByteView> next();

 private:
  explicit EventSocket(SocketHandle socket)
      : socket_(std::move(socket)), buffer_(size_t{64} * 1024) {}
  SocketHandle socket_;
  Bytes buffer_;
};

}  // namespace iked::xfrm
