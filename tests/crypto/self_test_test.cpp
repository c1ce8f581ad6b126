// SPDX-License-Identifier: ISC
#include "crypto/self_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "crypto/known_answers.h"

namespace iked::crypto {
namespace {

using ::testing::HasSubstr;

/// The known answers in vectors, to be spoilt.
struct Answers {
  std::vector<PrfAnswer> prf;
  std::vector<SealAnswer> seal;
  std::vector<KeyExchangeAnswer> key_exchange;

  Answers() {
    const KnownAnswers& all = known_answers();
    prf.assign(all.prf.begin(), all.prf.end());
    seal.assign(all.seal.begin(), all.seal.end());
    key_exchange.assign(all.key_exchange.begin(), all.key_exchange.end());
  }
  Result<void> check() const { return check_answers({prf, seal, key_exchange}); }
};

std::string spoilt(std::string_view hex) {
  std::string other(hex);
  other.back() = other.back() == '0' ? '1' : '0';
  return other;
}

TEST(SelfTest, PassesWithTheLibrariesOfThisMachine) {
  const Result<void> result = self_test();
  EXPECT_TRUE(result.has_value()) << result.error().text;
}

TEST(SelfTest, NamesThePrfWithAWrongAnswer) {
  for (size_t i = 0; i < known_answers().prf.size(); ++i) {
    Answers answers;
    const std::string wrong = spoilt(answers.prf[i].digest);
    answers.prf[i].digest = wrong;
    const Result<void> result = answers.check();
    ASSERT_FALSE(result.has_value());
    EXPECT_THAT(result.error().text, HasSubstr(to_string(answers.prf[i].id) + ": wrong digest"));
  }
}

TEST(SelfTest, NamesTheCipherWithAWrongAnswer) {
  for (size_t i = 0; i < known_answers().seal.size(); ++i) {
    Answers answers;
    const std::string wrong = spoilt(answers.seal[i].sealed);
    answers.seal[i].sealed = wrong;
    const Result<void> result = answers.check();
    ASSERT_FALSE(result.has_value());
    const SealAnswer& answer = answers.seal[i];
    EXPECT_THAT(result.error().text, HasSubstr(to_string(answer.encr.id, answer.encr.key_bits)));
    EXPECT_THAT(result.error().text, HasSubstr("wrong cipher text or ICV"));
    if (answer.integ != IntegId::NONE) {
      EXPECT_THAT(result.error().text, HasSubstr(to_string(answer.integ)));
    }
  }
}

TEST(SelfTest, NamesTheGroupWithAWrongAnswer) {
  for (size_t i = 0; i < known_answers().key_exchange.size(); ++i) {
    Answers answers;
    KeyExchangeAnswer& answer = answers.key_exchange[i];
    const std::string wrong = spoilt(answer.digest);
    answer.digest = wrong;
    const Result<void> result = answers.check();
    ASSERT_FALSE(result.has_value());
    EXPECT_THAT(result.error().text, HasSubstr(to_string(answer.id) + ": wrong key exchange"));
  }
}

TEST(SelfTest, MissesEachAnswerThatIsTakenAway) {
  const auto misses = [](const Answers& answers, const std::string& name) {
    const Result<void> result = answers.check();
    ASSERT_FALSE(result.has_value()) << name;
    EXPECT_THAT(result.error().text, HasSubstr(name + ": no known answer"));
  };
  for (const PrfAnswer& gone : known_answers().prf) {
    Answers answers;
    std::erase_if(answers.prf, [&](const PrfAnswer& a) { return a.id == gone.id; });
    misses(answers, to_string(gone.id));
  }
  for (const SealAnswer& gone : known_answers().seal) {
    Answers answers;
    std::erase_if(answers.seal, [&](const SealAnswer& a) { return a.encr == gone.encr; });
    misses(answers, to_string(gone.encr.id, gone.encr.key_bits));
  }
  for (const KeyExchangeAnswer& gone : known_answers().key_exchange) {
    Answers answers;
    std::erase_if(answers.key_exchange,
                  [&](const KeyExchangeAnswer& a) { return a.id == gone.id; });
    misses(answers, to_string(gone.id));
  }
}

TEST(SelfTest, RefusesAnAnswerForAnAlgorithmThatNothingComputes) {
  Answers answers;
  answers.prf.push_back({.id = PrfId{99}, .key = "00", .data = "00", .digest = "00"});
  const Result<void> result = answers.check();
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().text, HasSubstr("missing from the library"));
}

}  // namespace
}  // namespace iked::crypto
