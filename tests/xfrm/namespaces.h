// SPDX-License-Identifier: ISC
// Network namespaces and packets for the tests that need a kernel. Everything happens in fresh
// namespaces that vanish with the process; what is there already is never touched.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ip.h"
#include "model/kernel.h"
#include "xfrm/xfrm_kernel.h"

namespace iked::xfrm {

/// A file descriptor with an owner.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();
  int get() const { return fd_; }

 private:
  int fd_;
};

/// A network namespace of its own. Its maker is in it afterwards. The loopback device is down.
class Namespace {
 public:
  Namespace();
  /// Later sockets and commands of this process belong to it.
  void enter() const;
  /// For `ip link set ... netns`.
  std::string path() const;

 private:
  Descriptor fd_;
};

/// Whether namespaces can be made here: root, and a kernel that has them.
bool may_make_namespaces();

/// Runs a shell command in the present namespace and returns what it prints. A failure of the
/// command fails the test.
std::string run(const std::string& command);

/// Gives `lines` to one iproute2, because each of its processes takes a while in a guest.
void ip_batch(const std::vector<std::string>& lines);

/// Whether the running kernel is this one or a later one.
bool kernel_is_at_least(int major, int minor);

/// What iproute2, which knows the kernel independently of us, says.
std::string states();
std::string policies();
size_t count(const std::string& text, const std::string& word);

/// A datagram socket bound to an address of the present namespace, ready to receive for 20 s.
Descriptor udp_socket(const Endpoint& local);
/// Makes a socket hand ESP in UDP to the kernel (RFC 3948).
void decapsulate_esp(const Descriptor& socket);
/// Sends `text`. Whether it arrives is another question.
void send_text(const Descriptor& from, const Endpoint& to, const std::string& text);
/// Whether the kernel lets a datagram out.
bool may_send(const Descriptor& from, const Endpoint& to);
/// The next datagram, or "" when none came.
std::string receive_text(const Descriptor& socket);

/// Reads events of `kernel` until one of type E that satisfies `wanted` comes, or 20 s pass.
template <typename E>
std::optional<E> wait_for(XfrmKernel& kernel, auto wanted);

/// Waits until the descriptor is readable; false after 20 s.
bool wait_readable(int fd);

template <typename E>
std::optional<E> wait_for(XfrmKernel& kernel, auto wanted) {
  while (wait_readable(kernel.event_fd())) {
    std::vector<KernelEvent> events;
    kernel.read_events(events);
    for (const KernelEvent& event : events) {
      if (const E* found = std::get_if<E>(&event); found != nullptr && wanted(*found)) {
        return *found;
      }
    }
  }
  return std::nullopt;
}

}  // namespace iked::xfrm
