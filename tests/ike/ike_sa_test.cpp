// SPDX-License-Identifier: ISC
// One IKE SA with keys that the test chose, so that it can say what no honest peer says.
#include "ike/ike_sa.h"

#include <gtest/gtest.h>

#include "ike/choose.h"
#include "ike/exchange/informational.h"
#include "ike/sa_table.h"
#include "support/log_capture.h"
#include "support/pair.h"

namespace iked::ike {
namespace {

class IkeSaTest : public testing::Test {
 protected:
  IkeSaTest() {
    policies.replace(
        test::config_of({test::psk_policy("to-a", "192.0.2.2", "192.0.2.1", "10.2.0.0/24",
                                          "10.1.0.0/24", "b.example.com", "a.example.com")}));
    SaState state;
    state.id = sas.new_id();
    state.role = Role::responder;
    state.spi_i = IkeSpi{1};
    state.spi_r = IkeSpi{2};
    state.path = {
        {*IpAddress::parse("192.0.2.2"), 500}, {*IpAddress::parse("192.0.2.1"), 500}, false};
    state.suite = {
        {EncrId::AES_GCM_16, 256}, PrfId::HMAC_SHA2_256, IntegId::NONE, KeId::CURVE25519};
    state.keys = keys();
    // IKE_SA_INIT is behind us.
    state.window = Window({0}, {1});
    sa = &sas.add(std::make_unique<IkeSa>(std::move(state), ""));
    sa->set_policy(ctx, *policies.in_order()[0]);
  }

  crypto::IkeKeys keys() const {
    const Bytes nonce(32, 5);
    return crypto::derive_ike_keys(
        {{EncrId::AES_GCM_16, 256}, PrfId::HMAC_SHA2_256, IntegId::NONE, KeId::CURVE25519},
        SecretBytes(ByteView(nonce)), nonce, nonce, IkeSpi{1}, IkeSpi{2});
  }

  // A request of the peer or its response, sealed with the right keys.
  void receive(ExchangeType exchange, uint32_t id, const wire::Payloads& payloads,
               bool response = false) {
    wire::Header header;
    header.spi_i = IkeSpi{1};
    header.spi_r = IkeSpi{2};
    header.exchange = exchange;
    header.from_initiator = true;
    header.response = response;
    header.message_id = {id};
    const crypto::IkeKeys own = keys();
    Bytes iv;
    put_u64(iv, ++iv_);
    Bytes octets = wire::seal_message(
        header, payloads, {{EncrId::AES_GCM_16, 256}, IntegId::NONE, own.sk_ei(), own.sk_ai()}, iv);
    const auto parsed = wire::parse_header(octets);
    ASSERT_TRUE(parsed);
    sa->on_message(ctx, *parsed, {sa->state().path.local, sa->state().path.remote, false, octets});
  }

  test::SeededRng rng{1};
  test::FakeKernel kernel;
  EngineOptions options;
  PolicySet policies;
  FlowTable flows;
  Lingering lingering;
  SaTable sas;
  Gatekeeper gate{{}, rng};
  Tally tally;
  Failures failures;
  Statistics statistics;
  Identity default_id = *Identity::parse("b.example.com");
  Effects out;
  Credentials credentials;
  Settings settings;
  Context ctx{options,     kernel,   rng,   policies, flows,        lingering,
              sas,         gate,     tally, failures, statistics,   default_id,
              credentials, settings, 60s,   false,    Time{} + 10s, out};
  IkeSa* sa = nullptr;

 private:
  uint64_t iv_ = 0;
};

wire::Payloads init_payloads() {
  return {build_offer(test::default_ike(), {}), wire::KePayload{KeId::CURVE25519, Bytes(32, 9)},
          wire::NoncePayload{Bytes(32, 1)}};
}

// R001: it is not protected, so what is protected is not it. The answer would go out in clear.
TEST_F(IkeSaTest, SealedIkeSaInitIsNoRequest) {
  for (uint32_t id : {0U, 1U, 2U}) receive(ExchangeType::IKE_SA_INIT, id, init_payloads());
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(sa->phase(), Phase::connecting);
  EXPECT_FALSE(sa->state().window.answering());
}

TEST_F(IkeSaTest, NorIsItOneLater) {
  sa->set_established(ctx);
  // An ordinary request, after which nothing of the beginning is kept.
  receive(ExchangeType::INFORMATIONAL, 1, {});
  EXPECT_EQ(out.take().size(), 1U);
  receive(ExchangeType::IKE_SA_INIT, 2, init_payloads());
  receive(ExchangeType::IKE_SA_INIT, 2, {});
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(sa->phase(), Phase::established);
  receive(ExchangeType::INFORMATIONAL, 2, {});
  EXPECT_EQ(out.take().size(), 1U) << "and the next one is heard";
}

// An exchange is under way and its answer is long in coming: one Delete waits behind it.
TEST_F(IkeSaTest, ClosingIsSaidAndDoneOnce) {
  test::LogCapture log;
  sa->set_established(ctx);
  sa->start(ctx, std::make_unique<Liveness>());
  EXPECT_EQ(out.take().size(), 1U);
  for (int i = 0; i < 3; ++i) sa->close(ctx, "enough");
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(log.count({"closing: enough"}), 1U) << log.all();
  // The liveness check is answered: the Delete goes out.
  receive(ExchangeType::INFORMATIONAL, 0, {}, true);
  EXPECT_EQ(out.take().size(), 1U);
  EXPECT_EQ(sa->phase(), Phase::closing);
  sa->close(ctx, "enough");
  EXPECT_TRUE(out.empty());
  receive(ExchangeType::INFORMATIONAL, 1, {}, true);
  EXPECT_EQ(sa->phase(), Phase::dead);
}

}  // namespace
}  // namespace iked::ike
