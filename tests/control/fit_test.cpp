// SPDX-License-Identifier: ISC
#include "control/fit.h"

#include <gmock/gmock.h>

#include "control/fake_control.h"

namespace iked::control {
namespace {

using testing::SizeIs;
using testing::StartsWith;

SaPage ask(FakeControl& control, uint64_t from, uint32_t max) {
  const Frame frame = sas_that_fit(control, {from, max});
  EXPECT_LE(frame.body.size(), max_response_body);
  auto response = parse_response(frame);
  EXPECT_TRUE(response && std::holds_alternative<SaPage>(*response));
  return std::get<SaPage>(std::move(response.value()));
}

TEST(Fit, PageHasTheRowsThatWereAskedFor) {
  FakeControl control;
  control.add_sas(10);
  const SaPage page = ask(control, 3, 4);
  ASSERT_THAT(page.rows, SizeIs(4));
  EXPECT_EQ(page.rows[0].id, 4U);
  EXPECT_EQ(page.next, 7U);
  EXPECT_EQ(ask(control, 7, 4).next, 0U);
}

TEST(Fit, AskingForAllGivesOnePage) {
  FakeControl control;
  control.add_sas(1000);
  EXPECT_THAT(ask(control, 0, UINT32_MAX).rows, SizeIs(64));
  EXPECT_EQ(control.largest_page, 64U);
}

TEST(Fit, AskingForNothingGivesOneRow) {
  FakeControl control;
  control.add_sas(2);
  EXPECT_THAT(ask(control, 0, 0).rows, SizeIs(1));
}

TEST(Fit, LargeRowsMakeShorterPagesAndNoneIsLost) {
  FakeControl control;
  control.add_sas(100);
  for (auto& sa : control.sas) sa.children.resize(200, child_row());
  std::vector<uint64_t> ids;
  for (uint64_t from = 0;;) {
    const SaPage page = ask(control, from, 64);
    for (const auto& row : page.rows) {
      ids.push_back(row.id);
      EXPECT_THAT(row.children, SizeIs(200));
    }
    if (page.next == 0) break;
    from = page.next;
  }
  ASSERT_THAT(ids, SizeIs(100));
  for (size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(ids[i], i + 1);
}

TEST(Fit, OneSaWithTooManyChildrenIsShownWithSomeAndTheirNumber) {
  FakeControl control;
  control.add_sas(3);
  control.sas[1].children.resize(20000, child_row());
  const SaPage page = ask(control, 1, 1);
  ASSERT_THAT(page.rows, SizeIs(1));
  EXPECT_FALSE(page.rows[0].children.empty());
  EXPECT_EQ(page.rows[0].children.size() + page.rows[0].children_left_out, 20000U);
  EXPECT_EQ(page.next, 2U);
}

TEST(Fit, RowThatCannotBeShortenedIsAnErrorNotALoop) {
  FakeControl control;
  control.add_sas(1);
  control.sas[0].policy = std::string(2 * max_response_body, 'x');
  const auto response = parse_response(sas_that_fit(control, {0, 1}));
  EXPECT_EQ(std::get<Failed>(response.value()).text, "a row is too long to be shown");
}

TEST(Fit, PolicyWithAnEndlessErrorIsShownWithoutIt) {
  FakeControl control;
  control.policies.push_back(policy_row());
  control.policies[0].last_error = std::string(2 * max_response_body, 'x');
  const auto response = parse_response(policies_that_fit(control, {0, 1}));
  const auto& page = std::get<PolicyPage>(response.value());
  ASSERT_THAT(page.rows, SizeIs(1));
  EXPECT_EQ(page.rows[0].name, "branch");
}

TEST(Fit, LongTextsAreCut) {
  const auto response = parse_response(outcome_that_fits(std::string(3 * max_response_body, 'x')));
  const auto& text = std::get<Succeeded>(response.value()).text;
  EXPECT_LT(text.size(), max_response_body);
  EXPECT_THAT(text, StartsWith("xxxx"));
  EXPECT_TRUE(text.ends_with("x ..."));
}

}  // namespace
}  // namespace iked::control
