// SPDX-License-Identifier: ISC
// XfrmKernel's questions about the kernel itself. They are asked with SAs from the loopback address
// to itself, of a reqid that no policy has, which exist for microseconds and carry nothing.
#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <initializer_list>

#include "base/log.h"
#include "model/reqid_range.h"
#include "xfrm/algorithms.h"
#include "xfrm/messages.h"
#include "xfrm/sockets.h"
#include "xfrm/tables.h"
#include "xfrm/xfrm_kernel.h"

namespace iked::xfrm {
namespace {

IpAddress loopback(Family family) {
  if (family == Family::v4) return IpAddress::v4({127, 0, 0, 1});
  return IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
}

// Nobody will use the key, but for these microseconds it is one that nobody knows.
SecretBytes random_key(size_t size) {
  SecretBytes key(size);
  // Up to 256 octets are never cut short, and without flags it does not fail.
  [[maybe_unused]] const ssize_t got = getrandom(key.reveal_writable().data(), size, 0);
  return key;
}

Result<KernelSa> probe_sa(const ChildSuite& suite, const SaKey& key) {
  KernelSa sa;
  sa.key = key;
  sa.reqid = kProbeReqid;
  sa.suite = suite;
  sa.replay_window = 32;
  sa.lifetime.hard = std::chrono::seconds(10);
  if (suite.encr.id != EncrId::NONE) {
    auto cipher = kernel_cipher(suite.encr);
    if (!cipher) return fail(cipher);
    sa.encr_key = random_key(cipher->key_octets);
  }
  if (suite.integ != IntegId::NONE) {
    auto mac = kernel_mac(suite.integ);
    if (!mac) return fail(mac);
    sa.integ_key = random_key(mac->key_octets);
  }
  return sa;
}

// "esp4, camellia_generic, sha256_generic": what a kernel of modules needs for a suite.
std::string modules_for(const ChildSuite& suite, Family family) {
  const char* const digit = family == Family::v4 ? "4" : "6";
  std::string names = (suite.protocol == ProtocolId::AH ? "ah" : "esp") + std::string(digit);
  if (const auto cipher = kernel_cipher(suite.encr)) names += fmt::format(", {}", cipher->module);
  if (const auto mac = kernel_mac(suite.integ)) names += fmt::format(", {}", mac->module);
  return names;
}

}  // namespace

Result<void> XfrmKernel::learn_capabilities() {
  Batch batch;
  const IpAddress self = loopback(Family::v4);
  put_allocate_spi(batch, {self, self, ProtocolId::ESP, {}}, kProbeReqid, SpiRange{}, true);
  SaKey key;
  auto outcomes = sockets_->requests.run(batch, [&](size_t, const Message& message) {
    const auto record = parse_sa(message);
    if (!record) return;
    key = record->key;
    // Kernels that do not know the attribute ignore it; those that do give it back.
    capabilities_.sa_direction = record->direction == SaDirection::in;
  });
  if (!outcomes) return fail(outcomes);
  const Outcome& outcome = outcomes->front();
  if (outcome.error == EPERM) {
    return fail("cannot use the kernel's XFRM: needs CAP_NET_ADMIN (run as root, or by the unit)");
  }
  if (!outcome.ok()) return fail("cannot use the kernel's XFRM: {}", to_string(outcome));
  delete_own_sas(sockets_->requests, {key}, std::nullopt);
  return {};
}

Result<Outcome> XfrmKernel::try_suite(const ChildSuite& suite, Family family) {
  const IpAddress self = loopback(family);
  auto spi = allocate_spi(self, self, suite.protocol, kProbeReqid);
  if (!spi) return fail(spi);
  const SaKey key{self, self, suite.protocol, *spi};
  const auto sa = probe_sa(suite, key);
  Batch batch;
  const auto written =
      sa ? put_sa(batch, SaVerb::update, *sa, SaDirection::in, capabilities_.sa_direction)
         : Result<void>(std::unexpected(sa.error()));
  Result<Outcome> tried = Outcome{ENOENT, written ? "" : written.error().text};
  if (written) {
    auto outcomes = sockets_->requests.run(batch);
    tried = outcomes ? Result<Outcome>(std::move(outcomes->front()))
                     : Result<Outcome>(std::unexpected(outcomes.error()));
  }
  delete_own_sas(sockets_->requests, {key}, std::nullopt);
  return tried;
}

Result<void> XfrmKernel::probe() {
  const ChildSuite gcm{ProtocolId::ESP, {EncrId::AES_GCM_16, 128}};
  const ChildSuite cbc{ProtocolId::ESP, {EncrId::AES_CBC, 128}, IntegId::HMAC_SHA2_256_128};
  const ChildSuite null{ProtocolId::ESP, {EncrId::ENCR_NULL, 0}, IntegId::HMAC_SHA1_96};
  std::string words;
  for (const Family family : {Family::v4, Family::v6}) {
    for (const ChildSuite* suite : {&gcm, &cbc, &null}) {
      const auto tried = try_suite(*suite, family);
      if (tried && tried->ok()) return {};
      if (words.empty()) words = tried ? to_string(*tried) : tried.error().text;
    }
  }
  return fail(
      "this kernel has no ESP: {}; load the modules esp4 and esp6 (with xfrm_user, gcm and "
      "authenc), or boot a kernel with CONFIG_INET_ESP and CONFIG_INET6_ESP",
      words);
}

Result<void> XfrmKernel::supports(const ChildSuite& suite, Family family) {
  const auto tried = try_suite(suite, family);
  if (tried && tried->ok()) return {};
  const std::string words = tried ? to_string(*tried) : tried.error().text;
  // Any other trouble says nothing of the algorithm.
  constexpr int lacks[] = {ENOENT, ENOSYS, EPROTONOSUPPORT, EINVAL, EAFNOSUPPORT, EOPNOTSUPP};
  if (!tried || !std::ranges::count(lacks, tried->error)) {
    log::warn("cannot find out whether this kernel can do {}: {}", to_string(suite), words);
    return {};
  }
  return fail(
      "this kernel cannot do {} in {} over {}: {}; load its modules ({}), or choose "
      "another algorithm",
      to_string(suite), iked::to_string(suite.protocol), family == Family::v4 ? "IPv4" : "IPv6",
      words, modules_for(suite, family));
}

}  // namespace iked::xfrm
