// SPDX-License-Identifier: ISC
// A folder that goes away with the test, an operator whose answers the test decides, and
// certificates.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "authority/authority.h"
#include "authority/certificate.h"
#include "authority/key.h"

namespace iked::authority {

inline constexpr UnixTime test_now = 1795420639;  // Nov 23 07:57:19 2026

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "iked-test-XXXXXX").string();
    path_ = mkdtemp(name.data()) != nullptr ? name : "";
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

inline void write_text(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

inline unsigned mode_of(const std::string& path) {
  return static_cast<unsigned>(std::filesystem::status(path).permissions());
}

/// All files and folders below, sorted, relative.
inline std::vector<std::string> tree_of(const std::string& path) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    names.push_back(std::filesystem::relative(entry.path(), path).string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Says no to questions and has no passphrase unless the test wants otherwise.
struct TestOperator {
  std::vector<std::string> lines;
  std::vector<std::string> prompts;
  std::vector<std::string> questions;
  bool yes = false;
  std::string passphrase;
  UnixTime now = test_now;

  Operator get() {
    Operator user;
    user.now = now;
    user.say = [this](const std::string& line) { lines.push_back(line); };
    user.has_passphrase = !passphrase.empty();
    user.passphrase = [this](const std::string& prompt, bool) {
      prompts.push_back(prompt);
      return Passphrase::make(as_bytes(passphrase));
    };
    user.agrees = [this](Question, const std::string& what) {
      questions.push_back(what);
      return yes;
    };
    return user;
  }
  std::string said() const {
    std::string all;
    for (const std::string& line : lines) all += line + "\n";
    return all;
  }
};

/// An authority and a certificate of it, without files.
struct Issued {
  explicit Issued(const std::string& host = "a.example.com", Profile profile = Profile::peer,
                  KeyType type = KeyType::p256, UnixTime now = test_now)
      : ca_key(PrivateKey::generate(KeyType::p256)),
        ca(*issue_authority({.common_name = "vpn"}, ca_key, now)),
        key(PrivateKey::generate(type)),
        certificate(*issue_certificate({.host = *Host::parse(host), .profile = profile}, key, ca,
                                       ca_key, now)) {}

  PrivateKey ca_key;
  Certificate ca;
  PrivateKey key;
  Certificate certificate;
};

}  // namespace iked::authority
