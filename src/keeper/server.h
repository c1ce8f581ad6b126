// SPDX-License-Identifier: ISC
// The keeper's side of the protocol: reads requests from one socket, has a Keeper compute, sends
// the answers, one request after the other. It knows nothing of files and processes.
#pragma once

#include <chrono>
#include <deque>
#include <list>
#include <optional>

#include "base/descriptor.h"
#include "base/log.h"
#include "keeper/frame.h"
#include "model/keeper.h"

namespace iked::keeper {

class Server {
 public:
  /// `request` is what is loaded whenever iked asks: it cannot say which file. `keeper` must
  /// outlive the server.
  Server(Keeper& keeper, LoadRequest request, Descriptor connection);

  /// Serves until iked closes the connection. An error when iked breaks the protocol.
  Result<void> run();

  /// Sends a record to iked, which logs it.
  void log(const log::Record& record);

 private:
  /// A pipe that somebody writes a secret into, at his own pace.
  struct Pipe {
    uint64_t request = 0;
    Descriptor reader;
    std::chrono::steady_clock::time_point give_up;
    SecretBuffer content;
  };

  bool wait_with_pipes();
  Result<bool> receive();
  Result<void> handle_frames();
  Result<void> handle(const Frame& frame);
  Result<void> handle_token(const Frame& frame);
  Result<void> load(const Frame& frame);
  void take_secret(uint64_t request);
  bool read_pipe(Pipe& pipe);
  void read_pipes();
  int pipe_patience() const;

  void answer(uint64_t request, MessageType type, SecretBuffer body);
  void refuse(uint64_t request, const std::string& why);
  template <typename T>
  void answer_with(uint64_t request, MessageType type, const Result<T>& result);
  void flush();

  Keeper& keeper_;
  const LoadRequest load_;
  Descriptor connection_;
  FrameReader frames_{Side::keeper};
  std::deque<Descriptor> passed_;  // descriptors that no take_secret has claimed yet
  std::list<Pipe> pipes_;
  SecretBuffer out_;
  bool gone_ = false;  // iked does not take our answers any more
};

}  // namespace iked::keeper
