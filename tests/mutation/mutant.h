// SPDX-License-Identifier: ISC
// What scripts/mutate puts into the copies of source files that it compiles: each place that can be
// wrong has a number, and the environment says which one is. IKED_MUTANT=0 is the program as it is
// and says on IKED_MUTANT_TRACE, a file, which places were reached.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <type_traits>

namespace mutation {

inline constexpr int most = 4096;

// Whether this place is the wrong one.
inline bool is(int id) {
  static const int wrong = std::atoi(std::getenv("IKED_MUTANT"));
  static std::FILE* const trace = [] {
    const char* path = std::getenv("IKED_MUTANT_TRACE");
    return path == nullptr ? nullptr : std::fopen(path, "a");
  }();
  static bool seen[most];
  if (trace != nullptr && !seen[id]) {
    seen[id] = true;
    std::fprintf(trace, "%d\n", id);
    std::fflush(trace);
  }
  return id == wrong;
}

// A condition or one side of && and ||.
template <class T>
bool negated(int id, T&& value) {
  return static_cast<bool>(value) != is(id);
}

// Another value of the same type.
template <class T>
  requires std::is_enum_v<T> || std::is_integral_v<T>
T other(int id, T value) {
  if (!is(id)) return value;
  if constexpr (std::is_same_v<T, bool>) {
    return !value;
  } else {
    return static_cast<T>(value == T{} ? 1 : static_cast<long long>(value) - 1);
  }
}

// The operators: `a < b` is written `a < compare{id} < b`.
struct Mutable {
  int id;
};
template <class T>
struct Left {
  const T& value;
  int id;
};
#define MUTATE_OPERATOR(op, wrong)                       \
  template <class T>                                     \
  Left<T> operator op(const T& value, Mutable m) {       \
    return {value, m.id};                                \
  }                                                      \
  template <class T, class U>                            \
  auto operator op(Left<T> left, const U& right) {       \
    return is(left.id) ? left.value wrong right          \
                       : left.value op right;            \
  }
MUTATE_OPERATOR(==, !=)
MUTATE_OPERATOR(!=, ==)
MUTATE_OPERATOR(<, <=)
MUTATE_OPERATOR(<=, <)
MUTATE_OPERATOR(>, >=)
MUTATE_OPERATOR(>=, >)
MUTATE_OPERATOR(+, -)
MUTATE_OPERATOR(-, +)
#undef MUTATE_OPERATOR

}  // namespace mutation
