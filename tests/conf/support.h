// SPDX-License-Identifier: ISC
// A world for the parser that lies in memory, and short ways to ask the parser something.
#pragma once

#include <map>
#include <string>

#include "conf/environment.h"
#include "conf/parse.h"
#include "conf/to_text.h"

namespace iked::conf::test {

/// Files by name, and the few services and protocols that the tests use.
class MemoryEnvironment final : public Environment {
 public:
  std::map<std::string, std::string> files;

  Result<FileText> read(const std::string& path) override {
    const auto found = files.find(path);
    if (found == files.end()) return fail("cannot be opened: No such file or directory");
    return FileText{found->second, path};
  }
  std::optional<uint16_t> service_port(const std::string& name) override {
    static const std::map<std::string, uint16_t> ports = {
        {"ssh", 22}, {"domain", 53}, {"http", 80}, {"syslog", 514}};
    const auto found = ports.find(name);
    return found == ports.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<uint8_t> protocol_number(const std::string& name) override {
    static const std::map<std::string, uint8_t> protocols = {
        {"icmp", 1}, {"tcp", 6}, {"udp", 17}, {"esp", 50}, {"ipv6-icmp", 58}};
    const auto found = protocols.find(name);
    return found == protocols.end() ? std::nullopt : std::optional(found->second);
  }
};

/// Keeps secrets as text, so that a test can look.
class MemorySecrets final : public SecretStore {
 public:
  std::map<std::string, SecretId> ids;

  SecretId put(SecretBytes secret) override {
    const std::string text(as_text(secret.reveal()));
    return ids.emplace(text, SecretId{ids.size() + 1}).first->second;
  }
  std::string text_of(SecretId id) const {
    for (const auto& [text, known] : ids) {
      if (known == id) return text;
    }
    return {};
  }
  /// For to_text(): secrets as words that parse.
  TextOptions words() const {
    TextOptions options;
    options.psk = [this](SecretId id) { return word_of(id); };
    options.password = [this](SecretId id) { return in_quotes(text_of(id)); };
    return options;
  }
  std::string word_of(SecretId id) const { return "0x" + to_hex(as_bytes(text_of(id))); }
};

/// What crypto/ is known to have at the least, and the kernel-only algorithms of children.
inline Catalogue some_catalogue() {
  return {
      .ike_encr =
          [](Encr e) {
            return e.id == EncrId::AES_CBC || e.id == EncrId::AES_GCM_16 ||
                   e.id == EncrId::CHACHA20_POLY1305;
          },
      .ike_prf = [](PrfId p) { return p >= PrfId::HMAC_SHA2_256 && p <= PrfId::HMAC_SHA2_512; },
      .ike_integ = [](IntegId i) { return i >= IntegId::HMAC_SHA2_256_128; },
      .group =
          [](KeId g) {
            return g == KeId::CURVE25519 || g == KeId::ECP_256 || g == KeId::ECP_384 ||
                   g == KeId::ECP_521 || (g >= KeId::MODP_2048 && g <= KeId::MODP_8192) ||
                   g == KeId::MODP_1024;
          },
      .child_encr = [](Encr e) { return e.id != EncrId::CAMELLIA_CBC && e.id != EncrId::NONE; },
      .child_integ = [](IntegId i) { return i != IntegId::NONE && i != IntegId::HMAC_SHA1_160; },
  };
}

/// All that iked has, for what was written for other programs.
inline Catalogue full_catalogue() {
  Catalogue all = some_catalogue();
  all.ike_encr = [](Encr e) { return e.id != EncrId::ENCR_NULL && e.id != EncrId::DES; };
  all.ike_prf = [](PrfId) { return true; };
  all.ike_integ = [](IntegId i) { return i != IntegId::NONE; };
  all.group = [](KeId g) { return g != KeId::NONE; };
  return all;
}

struct Parsed {
  MemoryEnvironment environment;
  MemorySecrets secrets;
  LoadResult result;

  const Config& config() const { return *result.config; }
  const Policy& policy(size_t i = 0) const { return result.config->policies.at(i); }
  bool good() const { return result.config.has_value(); }
  size_t warnings() const {
    size_t count = 0;
    for (const auto& d : result.diagnostics) count += d.severity == Severity::warning ? 1 : 0;
    return count;
  }
  /// All diagnostics, one after the other.
  std::string text() const {
    std::string all;
    for (const auto& d : result.diagnostics) all += to_string(d) + "\n";
    return all;
  }
};

/// Parses `text` as the file "c", among `others`.
inline Parsed parse_text(std::string text, std::map<std::string, std::string> others = {},
                         std::map<std::string, std::string> macros = {},
                         const Catalogue& catalogue = some_catalogue()) {
  Parsed parsed;
  parsed.environment.files = std::move(others);
  parsed.environment.files["c"] = std::move(text);
  parsed.result = parse({"c", std::move(macros), "here.example.com"}, parsed.environment,
                        parsed.secrets, catalogue);
  return parsed;
}

/// Configurations that mean the same.
inline bool same_meaning(const Config& a, const Config& b) {
  return a.passive == b.passive && a.decouple == b.decouple &&
         a.dpd_check_interval == b.dpd_check_interval && a.default_id == b.default_id &&
         a.policies == b.policies && a.settings == b.settings && a.users == b.users;
}

}  // namespace iked::conf::test
