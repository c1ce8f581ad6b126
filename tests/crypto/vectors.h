// SPDX-License-Identifier: ISC
// Foreign test vectors: JSON files below the folder that the environment variable IKED_VECTORS
// names. They are no part of the tree; tests that want them are skipped without it.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "crypto/test_hex.h"

namespace iked::crypto {

using Json = nlohmann::json;

/// Null without IKED_VECTORS. A file that is missing there ends the test program.
inline std::optional<Json> load_vectors(const std::string& file) {
  const char* folder = std::getenv("IKED_VECTORS");
  if (folder == nullptr || *folder == '\0') return std::nullopt;
  std::ifstream in(std::string(folder) + "/" + file);
  IKED_CHECK(in.good());
  return Json::parse(in);
}

inline Bytes octets_of(const Json& object, const char* member) {
  return unhex(object.at(member).get<std::string>());
}

inline bool has_flag(const Json& test, const char* flag) {
  for (const Json& each : test.value("flags", Json::array())) {
    if (each == flag) return true;
  }
  return false;
}

/// What happened to the tests of a file. Each must have been used, or be of a form that the wrapper
/// cannot be given.
struct Tally {
  size_t accepted = 0;
  size_t refused = 0;
  size_t without_form = 0;

  void expect_all_of(const Json& file) const {
    EXPECT_EQ(accepted + refused + without_form, file.at("numberOfTests").get<size_t>());
    std::string text = std::to_string(accepted) + " accepted, " + std::to_string(refused) +
                       " refused, " + std::to_string(without_form) + " without a form in IKE";
    ::testing::Test::RecordProperty("vectors", text);
    std::printf("             %s\n", text.c_str());
  }
};

}  // namespace iked::crypto

/// In the body of a test: declares `variable`, the file's contents, or skips the test.
#define IKED_LOAD_VECTORS(variable, name)                            \
  const std::optional<Json> loaded_##variable = load_vectors(name);  \
  if (!loaded_##variable) GTEST_SKIP() << "IKED_VECTORS is not set"; \
  const Json& variable = *loaded_##variable
