// SPDX-License-Identifier: ISC
#include "control/protocol.h"

#include <gtest/gtest.h>

#include "control/rows.h"

namespace iked::control {
namespace {

const std::vector<Request> requests{
    ShowSas{0x1122334455667788, 7},
    ShowPolicies{1, 2},
    Reload{},
    Reset{ResetTarget::all},
    Reset{ResetTarget::user},
    SetPassive{true},
    SetPassive{false},
    SetVerbosity{2},
    SetCoupled{true},
    SetCoupled{false},
    ResetId{"FQDN/a.example.com"},
    ShowStatistics{},
    ShowFailures{"office"},
    Load{"/etc/iked/other.conf"},
    Connect{"office"},
    Disconnect{"office"},
    Monitor{},
    ShowCertificates{},
};

TEST(Protocol, RequestsComeBackAsTheyWere) {
  for (const Request& request : requests) {
    const auto parsed = parse_request(to_frame(request));
    ASSERT_TRUE(parsed) << to_string(request);
    EXPECT_EQ(*parsed, request) << to_string(request);
  }
}

TEST(Protocol, SasComeBackAsTheyWere) {
  IkeSaRow second = sa_row();
  second.id = 8;
  second.state = "AUTH";
  second.waiting = "SaInitResponder::on_shared_secret";
  second.initiator = second.natt = false;
  second.children.clear();
  second.children_left_out = 3;
  const SaPage page{{sa_row(), second}, 99};
  const Frame frame = to_frame(Response(page));
  const auto parsed = parse_response(frame);
  ASSERT_TRUE(parsed) << parsed.error().text;
  EXPECT_EQ(std::get<SaPage>(*parsed), page);
}

TEST(Protocol, PoliciesComeBackAsTheyWere) {
  const PolicyPage page{{policy_row(), PolicyRow{.name = "other"}}, 5};
  const auto parsed = parse_response(to_frame(Response(page)));
  ASSERT_TRUE(parsed) << parsed.error().text;
  EXPECT_EQ(std::get<PolicyPage>(*parsed), page);
}

TEST(Protocol, OutcomesComeBackAsTheyWere) {
  const auto done = parse_response(to_frame(Response(Succeeded{"3 policies\n"})));
  EXPECT_EQ(std::get<Succeeded>(done.value()).text, "3 policies\n");
  const auto failed = parse_response(to_frame(Response(Failed{"iked.conf:3:7: no"})));
  EXPECT_EQ(std::get<Failed>(failed.value()).text, "iked.conf:3:7: no");
  const auto denied = parse_response(to_frame(Response(Failed{"no", FailureKind::denied})));
  EXPECT_EQ(std::get<Failed>(denied.value()).kind, FailureKind::denied);
}

TEST(Protocol, EventsFailuresAndCountersComeBackAsTheyWere) {
  const auto event = parse_response(to_frame(Response(event_row())));
  EXPECT_EQ(std::get<EventRow>(event.value()), event_row());
  const auto failures =
      parse_response(to_frame(Response(FailureRows{{policy_row()}, {failure_row()}})));
  EXPECT_EQ(std::get<FailureRows>(failures.value()).policy, std::vector{policy_row()});
  EXPECT_EQ(std::get<FailureRows>(failures.value()).rows, std::vector{failure_row()});
  const auto counters = parse_response(to_frame(Response(StatisticRows{{{"IkeSas", 7}}})));
  EXPECT_EQ(std::get<StatisticRows>(counters.value()).rows.at(0).name, "IkeSas");
  EXPECT_EQ(std::get<StatisticRows>(counters.value()).rows.at(0).value, 7U);
}

TEST(Protocol, LayoutIsFixed) {
  EXPECT_EQ(to_hex(encode(to_frame(Request(ShowSas{5, 100})))),
            "0000000c02000001"
            "000000000000000500000064");
  EXPECT_EQ(to_hex(encode(to_frame(Request(Reset{ResetTarget::sa})))), "000000010200000403");
  EXPECT_EQ(to_hex(encode(to_frame(Response(Failed{"no"})))), "0000000702000068000000026e6f00");
}

TEST(Protocol, CutOrLongBodiesAreErrors) {
  for (const Request& request : requests) {
    Frame longer = to_frame(request);
    longer.body.push_back(0);
    EXPECT_FALSE(parse_request(longer)) << to_string(request);
    for (Frame cut = to_frame(request); !cut.body.empty();) {
      cut.body.pop_back();
      EXPECT_FALSE(parse_request(cut)) << to_string(request);
    }
  }
  for (Frame cut = to_frame(Response(SaPage{{sa_row()}, 1})); !cut.body.empty();) {
    cut.body.pop_back();
    EXPECT_FALSE(parse_response(cut));
  }
}

TEST(Protocol, ValuesOutOfRangeAreErrors) {
  EXPECT_FALSE(parse_request({4, {5}}));   // no such target
  EXPECT_FALSE(parse_request({5, {2}}));   // neither true nor false
  EXPECT_FALSE(parse_request({6, {3}}));   // no such level
  EXPECT_FALSE(parse_request({0, {}}));    // no such request
  EXPECT_FALSE(parse_request({101, {}}));  // an answer
  EXPECT_FALSE(parse_response({3, {}}));   // a request
}

TEST(Protocol, CountsThatLieEndWithTheOctets) {
  // Four thousand million rows are promised and none is there.
  EXPECT_FALSE(parse_response({101, from_hex("ffffffff").value()}));
  EXPECT_FALSE(parse_response({104, from_hex("ffffffff 61").value()}));
}

TEST(Protocol, RequestsAreNamedAsInIkectl) {
  std::string all;
  for (const Request& request : requests) all += to_string(request) + ", ";
  EXPECT_EQ(all,
            "show sa, show policy, reload, reset all, reset user, passive, active, log level 2, "
            "couple, decouple, reset id FQDN/a.example.com, show stats, why office, "
            "load /etc/iked/other.conf, connect office, disconnect office, monitor, "
            "show certstore, ");
}

}  // namespace
}  // namespace iked::control
