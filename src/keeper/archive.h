// SPDX-License-Identifier: ISC
// Values as octets and back, for the messages between iked and iked-keeper. One list of members of
// a struct (IKED_MEMBERS) serves both ways; a struct that has got another member does not compile
// any more until it is on the list. The Decoder takes its octets for hostile.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/ip.h"
#include "base/reader.h"
#include "keeper/frame.h"
#include "model/ids.h"

namespace iked::keeper {

/// The members of a struct as a tuple of references. See IKED_MEMBERS.
template <typename T>
struct Members;

/// All members of TYPE, in their order. A structured binding has to name each.
#define IKED_MEMBERS(TYPE, ...)     \
  template <>                       \
  struct Members<TYPE> {            \
    template <typename Value>       \
    static auto of(Value& of_all) { \
      auto& [__VA_ARGS__] = of_all; \
      return std::tie(__VA_ARGS__); \
    }                               \
  }

template <typename T>
concept HasMembers = requires(T& value) {
  Members<T>::of(value);
};

/// The last enumerator of an enumeration that counts from 0: other numbers are refused.
/// Enumerations of IANA's numbers have none, for any number may occur.
template <typename E>
struct LastOf {
  static constexpr bool any_number = true;
};
#define IKED_LAST_OF(ENUM, LAST)              \
  template <>                                 \
  struct LastOf<ENUM> {                       \
    static constexpr bool any_number = false; \
    static constexpr ENUM value = ENUM::LAST; \
  }
IKED_LAST_OF(Family, v6);

class Encoder {
 public:
  Encoder() { out_.reserve(usual_size); }
  SecretBuffer take() { return std::move(out_); }

  template <typename T>
  requires(std::is_integral_v<T>) void operator()(const T& value) {
    const auto bits = static_cast<uint64_t>(value);
    for (size_t i = sizeof(T); i-- > 0;) out_.push_back(static_cast<uint8_t>(bits >> (8 * i)));
  }
  template <typename T>
  requires(std::is_enum_v<T>) void operator()(const T& value) {
    (*this)(static_cast<std::underlying_type_t<T>>(value));
  }
  template <HasMembers T>
  void operator()(const T& value) {
    std::apply([this](const auto&... member) { ((*this)(member), ...); }, Members<T>::of(value));
  }
  template <typename Tag, typename Number>
  void operator()(const Id<Tag, Number>& id) {
    (*this)(id.value);
  }
  void operator()(std::chrono::seconds seconds) { (*this)(int64_t{seconds.count()}); }
  void operator()(ByteView octets) {
    (*this)(static_cast<uint32_t>(octets.size()));
    out_.insert(out_.end(), octets.begin(), octets.end());
  }
  void operator()(const std::string& text) { (*this)(as_bytes(text)); }
  void operator()(const Bytes& octets) { (*this)(ByteView(octets)); }
  void operator()(const SecretBytes& octets) { (*this)(octets.reveal()); }
  void operator()(const IpAddress& address) {
    (*this)(address.family());
    out_.insert(out_.end(), address.octets().begin(), address.octets().end());
  }
  void operator()(const IpPrefix& prefix) {
    (*this)(prefix.address);
    (*this)(prefix.length);
  }
  template <typename T>
  void operator()(const std::optional<T>& value) {
    (*this)(value.has_value());
    if (value) (*this)(*value);
  }
  template <typename T>
  void operator()(const std::vector<T>& values) {
    (*this)(static_cast<uint32_t>(values.size()));
    for (const T& value : values) (*this)(value);
  }
  template <typename K, typename V, typename C>
  void operator()(const std::map<K, V, C>& values) {
    (*this)(static_cast<uint32_t>(values.size()));
    for (const auto& [key, value] : values) {
      (*this)(key);
      (*this)(value);
    }
  }
  template <typename... T>
  void operator()(const std::variant<T...>& value) {
    (*this)(static_cast<uint8_t>(value.index()));
    std::visit([this](const auto& held) { (*this)(held); }, value);
  }

 private:
  // A request for AUTH values, with two IKE_SA_INIT messages in it: to grow means to move and wipe.
  static constexpr size_t usual_size = 1536;
  SecretBuffer out_;
};

/// Fails as a Reader does: for good, and what is read from then on is of no meaning.
class Decoder {
 public:
  explicit Decoder(ByteView octets) : in_(octets) {}

  /// `value` when all octets were used and each was right.
  template <typename T>
  Result<T> finish(T value, const char* what) {
    return in_.finish(std::move(value), what);
  }

  template <typename T>
  requires(std::is_integral_v<T>) void operator()(T& value) {
    uint64_t bits = 0;
    for (const uint8_t octet : in_.take(sizeof(T))) bits = bits << 8 | octet;
    if constexpr (std::is_same_v<T, bool>) {
      if (bits > 1) in_.set_failed();
      value = bits == 1;
    } else {
      value = static_cast<T>(bits);
    }
  }
  template <typename T>
  requires(std::is_enum_v<T>) void operator()(T& value) {
    std::underlying_type_t<T> number{};
    (*this)(number);
    if constexpr (!LastOf<T>::any_number) {
      if (number > static_cast<std::underlying_type_t<T>>(LastOf<T>::value)) {
        in_.set_failed();
        number = 0;
      }
    }
    value = T{number};
  }
  template <HasMembers T>
  void operator()(T& value) {
    std::apply([this](auto&... member) { ((*this)(member), ...); }, Members<T>::of(value));
  }
  template <typename Tag, typename Number>
  void operator()(Id<Tag, Number>& id) {
    (*this)(id.value);
  }
  void operator()(std::chrono::seconds& seconds) {
    int64_t count = 0;
    (*this)(count);
    // More would overflow when it is added to a time in nanoseconds.
    if (count < 0 || count > UINT32_MAX) {
      in_.set_failed();
      count = 0;
    }
    seconds = std::chrono::seconds(count);
  }
  void operator()(std::string& text) { text = as_text(octets()); }
  void operator()(Bytes& value) { value = to_bytes(octets()); }
  void operator()(SecretBytes& value) { value = SecretBytes(octets()); }
  void operator()(IpAddress& address) {
    Family family{};
    (*this)(family);
    const auto read = IpAddress::from_octets(in_.take(family == Family::v4 ? 4 : 16));
    if (read) {
      address = *read;
    } else {
      in_.set_failed();
    }
  }
  void operator()(IpPrefix& prefix) {
    IpAddress address;
    uint8_t length = 0;
    (*this)(address);
    (*this)(length);
    const auto made = IpPrefix::make(address, length);
    if (made && made->address == address) {
      prefix = *made;
    } else {
      in_.set_failed();
    }
  }
  template <typename T>
  void operator()(std::optional<T>& value) {
    bool there = false;
    (*this)(there);
    value.reset();
    if (there && in_.ok()) (*this)(value.emplace());
  }
  // Nothing is reserved for a count that may be a lie.
  template <typename T>
  void operator()(std::vector<T>& values) {
    uint32_t count = 0;
    (*this)(count);
    values.clear();
    while (in_.ok() && count-- > 0) (*this)(values.emplace_back());
  }
  template <typename K, typename V, typename C>
  void operator()(std::map<K, V, C>& values) {
    uint32_t count = 0;
    (*this)(count);
    values.clear();
    while (in_.ok() && count-- > 0) {
      K key{};
      V value{};
      (*this)(key);
      (*this)(value);
      // As the Encoder writes them, so that there is one form of everything.
      if (!values.empty() && !values.key_comp()(values.rbegin()->first, key)) in_.set_failed();
      values.emplace(std::move(key), std::move(value));
    }
  }
  template <typename... T>
  void operator()(std::variant<T...>& value) {
    uint8_t index = 0;
    (*this)(index);
    if (index >= sizeof...(T)) {
      in_.set_failed();
      return;
    }
    uint8_t at = 0;
    ((at++ == index ? (*this)(value.template emplace<T>()) : void()), ...);
  }

 private:
  ByteView octets() {
    uint32_t size = 0;
    (*this)(size);
    return in_.take(size);
  }

  Reader in_;
};

}  // namespace iked::keeper
