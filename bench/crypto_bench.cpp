// SPDX-License-Identifier: ISC
// What the functions of crypto/ cost. The rows "bare" are libcrypto's arithmetic alone, with keys
// and contexts made beforehand; the counter "of_bare" is our time divided by it, measured in the
// same run.
#include <benchmark/benchmark.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <array>
#include <ctime>
#include <functional>
#include <memory>

#include "crypto/algorithms.h"
#include "crypto/key_exchange.h"
#include "crypto/keys.h"
#include "crypto/library_memory.h"
#include "crypto/message_cipher.h"
#include "crypto/prf.h"
#include "crypto/self_test.h"
#include "crypto/system_rng.h"

namespace iked::crypto {
namespace {

// As in the daemon: what it costs is part of the figures.
const bool library_memory_is_zeroed = zero_library_memory();

Bytes some(size_t length) {
  return Bytes(length, 0x5a);
}

// ---- key exchange -------------------------------------------------------------------------------

/// The arithmetic of one group without anything around it.
struct Bare {
  std::function<void()> public_value, shared_secret;
};

Bare bare_x25519() {
  const Bytes octets = some(32);
  EVP_PKEY* own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, octets.data(), 32);
  EVP_PKEY* peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, octets.data(), 32);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(own, nullptr);
  EVP_PKEY_derive_init(context);
  EVP_PKEY_derive_set_peer(context, peer);
  // libcrypto offers no multiplication of the base point that is cheaper than this one.
  const auto derive = [context] {
    uint8_t out[32];
    size_t length = sizeof out;
    EVP_PKEY_derive(context, out, &length);
    benchmark::DoNotOptimize(out);
  };
  return {derive, derive};
}

Bare bare_p256() {
  EC_GROUP* curve = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
  const Bytes octets = some(32);
  BIGNUM* scalar = BN_bin2bn(octets.data(), 32, nullptr);
  BN_CTX* context = BN_CTX_new();
  EC_POINT* point = EC_POINT_new(curve);
  EC_POINT* out = EC_POINT_new(curve);
  EC_POINT_mul(curve, point, scalar, nullptr, nullptr, context);
  BIGNUM* x = BN_new();
  const auto affine = [=] { EC_POINT_get_affine_coordinates(curve, out, x, nullptr, context); };
  return {[=] {
            EC_POINT_mul(curve, out, scalar, nullptr, nullptr, context);
            affine();
          },
          [=] {
            EC_POINT_mul(curve, out, nullptr, point, scalar, context);
            affine();
          }};
}

Bare bare_modp_2048() {
  BIGNUM* prime = BN_get_rfc3526_prime_2048(nullptr);
  const Bytes octets = some(40);
  BIGNUM* exponent = BN_bin2bn(octets.data(), 40, nullptr);
  BN_set_flags(exponent, BN_FLG_CONSTTIME);
  BN_CTX* context = BN_CTX_new();
  BN_MONT_CTX* montgomery = BN_MONT_CTX_new();
  BN_MONT_CTX_set(montgomery, prime, context);
  BIGNUM* base = BN_new();
  BN_set_word(base, 2);
  BIGNUM* out = BN_new();
  BN_mod_exp_mont_consttime(out, base, exponent, prime, context, montgomery);
  BIGNUM* peer = BN_dup(out);
  return {[=] { BN_mod_exp_mont_consttime(out, base, exponent, prime, context, montgomery); },
          [=] { BN_mod_exp_mont_consttime(out, peer, exponent, prime, context, montgomery); }};
}

Bare bare_of(KeId id) {
  switch (id) {
    case KeId::CURVE25519:
      return bare_x25519();
    case KeId::ECP_256:
      return bare_p256();
    case KeId::MODP_2048:
      return bare_modp_2048();
    default:
      return {};
  }
}

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Runs ours and the bare one in turns, so that both see the same machine.
void compare(benchmark::State& state, const std::function<void()>& ours,
             const std::function<void()>& bare) {
  double our_time = 0;
  double bare_time = 0;
  ours();  // what is made at first use
  for (auto _ : state) {
    const double begin = thread_seconds();
    ours();
    const double middle = thread_seconds();
    if (bare) bare();
    const double end = thread_seconds();
    our_time += middle - begin;
    bare_time += end - middle;
    state.SetIterationTime(middle - begin);
  }
  const auto count = static_cast<double>(state.iterations());
  if (!bare) return;
  state.counters["bare_us"] = bare_time / count * 1e6;
  state.counters["of_bare"] = our_time / bare_time;
}

void register_key_exchange() {
  for (const auto& row : all_ike_ke()) {
    const KeId id = row.id;
    const auto random = std::make_shared<SecretBytes>(some(row.info.random));
    const auto peer = std::make_shared<Bytes>(*public_value(id, *random));
    const auto add = [&](const std::string& name, std::function<void()> ours,
                         std::function<void()> bare) {
      benchmark::RegisterBenchmark(
          (name + " " + to_string(id)).c_str(),
          [ours, bare](benchmark::State& state) { compare(state, ours, bare); })
          ->UseManualTime()
          ->Unit(benchmark::kMicrosecond);
    };
    const Bare bare = bare_of(id);
    add(
        "public_value", [=] { benchmark::DoNotOptimize(public_value(id, *random)); },
        bare.public_value);
    add(
        "shared_secret", [=] { benchmark::DoNotOptimize(shared_secret(id, *random, *peer)); },
        bare.shared_secret);
  }
}

// ---- keys ---------------------------------------------------------------------------------------

void register_prf() {
  for (const auto& row : all_ike_prf()) {
    const PrfId id = row.id;
    benchmark::RegisterBenchmark(("prf, 200 octets, " + to_string(id)).c_str(),
                                 [id](benchmark::State& state) {
                                   const Bytes key = some(32);
                                   const Bytes text = some(200);
                                   for (auto _ : state) {
                                     benchmark::DoNotOptimize(prf(id, key, {text}));
                                   }
                                 });
    benchmark::RegisterBenchmark(("prf+, 200 octets, " + to_string(id)).c_str(),
                                 [id](benchmark::State& state) {
                                   const Bytes key = some(32);
                                   const Bytes seed = some(80);
                                   for (auto _ : state) {
                                     benchmark::DoNotOptimize(prf_plus(id, key, seed, 200));
                                   }
                                 });
  }
}

/// Everything one side derives for an IKE SA with a first child: seven keys, the child's keys, two
/// AUTH values.
void key_schedule(benchmark::State& state) {
  const IkeSuite suite{
      .encr = {EncrId::AES_GCM_16, 256}, .prf = PrfId::HMAC_SHA2_256, .ke = KeId::CURVE25519};
  const ChildSuite child{.encr = {EncrId::AES_GCM_16, 256}};
  const SecretBytes shared(some(32));
  const SecretBytes psk(some(32));
  const Bytes nonce = some(32);
  const Bytes message = some(300);
  const Bytes id = some(20);
  for (auto _ : state) {
    const IkeKeys keys = derive_ike_keys(suite, shared, nonce, nonce, IkeSpi{1}, IkeSpi{2});
    for (ByteView sk_p : {keys.sk_pi(), keys.sk_pr()}) {
      benchmark::DoNotOptimize(
          psk_auth_value(suite.prf, psk, signed_octets(suite.prf, message, nonce, sk_p, id)));
    }
    benchmark::DoNotOptimize(
        derive_child_keys(suite.prf, keys.sk_d(), child, nullptr, nonce, nonce));
  }
}
BENCHMARK(key_schedule)
    ->Name("key schedule with child and PSK AUTH")
    ->Unit(benchmark::kMicrosecond);

// ---- messages -----------------------------------------------------------------------------------

void run_cipher(benchmark::State& state, Encr encr, IntegId integ, bool open) {
  const EncrInfo* info = ike_encr(encr);
  const Bytes encr_key = some(info->key + info->salt);
  const Bytes integ_key = integ == IntegId::NONE ? Bytes{} : some(ike_integ(integ)->key);
  const MessageKeys keys{encr, integ, encr_key, integ_key};
  const SealLayout layout = *seal_layout(encr, integ);
  constexpr size_t iv_offset = 32;
  const size_t text = 200 / layout.block * layout.block;
  Bytes message = some(iv_offset + layout.iv + text + layout.icv);
  seal_in_place(keys, message, iv_offset);
  const Bytes sealed = message;
  for (auto _ : state) {
    if (open) {
      message = sealed;
      benchmark::DoNotOptimize(open_in_place(keys, message, iv_offset));
    } else {
      seal_in_place(keys, message, iv_offset);
    }
    benchmark::ClobberMemory();
  }
}

void register_ciphers() {
  for (const auto& row : all_ike_encr()) {
    for (const bool open : {false, true}) {
      const auto add = [&](IntegId integ) {
        std::string name = open ? "open 200 octets, " : "seal 200 octets, ";
        name += to_string(row.id.id, row.id.key_bits);
        if (integ != IntegId::NONE) name += " " + to_string(integ);
        benchmark::RegisterBenchmark(name.c_str(), [=, encr = row.id](benchmark::State& state) {
          run_cipher(state, encr, integ, open);
        });
      };
      if (is_aead(row.id.id)) {
        add(IntegId::NONE);
        continue;
      }
      for (const auto& integ : all_ike_integ()) add(integ.id);
    }
  }
}

// ---- the rest -----------------------------------------------------------------------------------

void nat_digest(benchmark::State& state) {
  const Bytes spis = some(16);
  const Bytes address = some(18);
  for (auto _ : state) benchmark::DoNotOptimize(sha1({spis, address}));
}
BENCHMARK(nat_digest)->Name("sha1, 34 octets");

void random_octets(benchmark::State& state) {
  SystemRng rng;
  std::array<uint8_t, 32> out{};
  for (auto _ : state) {
    rng.fill(out);
    benchmark::DoNotOptimize(out);
  }
}
BENCHMARK(random_octets)->Name("SystemRng, 32 octets");

void whole_self_test(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(self_test());
}
BENCHMARK(whole_self_test)->Name("self_test")->Unit(benchmark::kMicrosecond);

// Google Benchmark's main() knows what is registered before it.
const bool registered = [] {
  register_key_exchange();
  register_prf();
  register_ciphers();
  return library_memory_is_zeroed;
}();

}  // namespace
}  // namespace iked::crypto
