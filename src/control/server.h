// SPDX-License-Identifier: ISC
// The daemon's side of the control socket: takes clients, reads their requests, passes them to the
// Control port and sends back its answers. It decides nothing. It has no loop of its own: it
// gathers all its descriptors in one, which the event loop watches.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/descriptor.h"
#include "control/frame.h"
#include "control/listener.h"
#include "control/protocol.h"
#include "model/control.h"

namespace iked::control {

class Server {
 public:
  static constexpr size_t max_clients = 32;
  static constexpr size_t max_events_waiting = 64 * 1024;  // octets, for one client

  /// `control` must outlive the server, and call no Done of its any more once the server is gone.
  /// `listeners_changed` is called whenever has_listeners() may have changed.
  static Result<std::unique_ptr<Server>> start(Listener listener, Control& control,
                                               std::function<void()> listeners_changed = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Call `on_ready` whenever this one is readable (level-triggered), and at no other time.
  int descriptor() const { return epoll_.get(); }
  void on_ready();

  size_t clients() const { return clients_.size(); }

  /// Sends the event to who waits for such. A client that does not read fast enough misses some,
  /// and is told how many.
  void tell(const EventRow& event);
  /// Somebody waits for events.
  bool has_listeners() const;

 private:
  using ClientId = uint64_t;

  // Per client there is one request at work or one answer on its way, never both and never two: a
  // client that does not read its answer is not read either.
  struct Client {
    Descriptor fd;
    int64_t pid = 0;
    uint32_t uid = 0;
    FrameBuffer in{max_request_body};
    bool monitoring = false;                // gets every event
    std::optional<std::string> connecting;  // gets the events of this policy
    uint64_t events_missed = 0;
    Bytes out;
    size_t sent = 0;       // of `out`
    bool working = false;  // the Control has not called Done yet
    bool serving = false;  // `serve` is on the stack
    bool end_of_input = false;
    bool dead = false;  // to be removed at the end of on_ready
  };

  Server(Listener listener, Descriptor epoll, Control& control,
         std::function<void()> listeners_changed);
  void accept_clients();
  void admit(Descriptor fd);
  void on_client(ClientId id, uint32_t events);
  void read(Client& client);
  void serve(ClientId id, Client& client);
  void handle(ClientId id, Client& client, const Request& request);
  void finish(ClientId id, Result<std::string> outcome);
  void end(ClientId id, Control::Outcome outcome);
  void answer_finished(ClientId id, const Frame& frame);
  void answer(Client& client, const Frame& frame);
  void listen_to(Client& client, const std::string& policy);
  void send_event(Client& client, const EventRow& event);
  void flush(Client& client);
  void watch(ClientId id, const Client& client);

  Listener listener_;
  Descriptor epoll_;
  Descriptor reserve_;  // closed for a moment when descriptors run out, to turn a client away
  Control& control_;
  const std::function<void()> listeners_changed_;
  std::map<ClientId, Client> clients_;
  ClientId next_id_ = 1;
};

}  // namespace iked::control
