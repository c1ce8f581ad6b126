// SPDX-License-Identifier: ISC
// The calls of clients that have not been answered yet. An answer may come after the client has
// left or after the bus broke down: then it goes nowhere. It does not know who may call.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/log.h"

namespace iked::dbus {

class Calls {
 public:
  static constexpr size_t most = 256;  // at a time
  static constexpr size_t most_of_one_caller = 16;

  /// Answers a call, once; a second answer goes nowhere. The Calls must outlive it.
  template <typename... Results>
  class Answer {
   public:
    void operator()(const Results&... results) const {
      const auto call = calls_->take(id_);
      if (!call) return;
      try {
        // An id is given once: the call is of the type that open() made.
        static_cast<const CallTo<Results...>&>(*call).result.returnResults(results...);
      } catch (const sdbus::Error& error) {
        // The connection broke; that is noticed where it is read.
        log::debug("D-Bus: {}", error.getMessage());
      }
    }
    void fail(const std::string& name, const std::string& text) const {
      if (const auto call = calls_->take(id_)) fail_quietly(*call, name, text);
    }
    bool wanted() const { return calls_->open_.contains(id_); }

   private:
    friend class Calls;
    Answer(Calls& calls, uint64_t id) : calls_(&calls), id_(id) {}
    Calls* calls_;
    uint64_t id_;
  };

  template <typename... Results>
  Answer<Results...> open(sdbus::Result<Results...>&& result, const std::string& caller) {
    auto call = std::make_unique<CallTo<Results...>>();
    call->caller = caller;
    call->result = std::move(result);
    const uint64_t id = ++last_id_;
    if (may_open(caller)) {
      open_.emplace(id, std::move(call));
    } else {
      refuse(*call);
    }
    return {*this, id};
  }

  /// Nobody waits for the answers to this client any more.
  void forget(const std::string& caller);
  /// The connection will go: to be called before, because messages hold on to it.
  void clear() { open_.clear(); }
  size_t size() const { return open_.size(); }

 private:
  struct Call {
    virtual ~Call() = default;
    virtual void fail(const sdbus::Error& error) const = 0;
    std::string caller;
  };
  template <typename... Results>
  struct CallTo final : Call {
    void fail(const sdbus::Error& error) const override { result.returnError(error); }
    sdbus::Result<Results...> result;
  };

  bool may_open(const std::string& caller) const;
  static void refuse(const Call& call);
  static void fail_quietly(const Call& call, const std::string& name, const std::string& text);
  std::unique_ptr<Call> take(uint64_t id);

  std::map<uint64_t, std::unique_ptr<Call>> open_;
  uint64_t last_id_ = 0;
};

}  // namespace iked::dbus
