// SPDX-License-Identifier: ISC
#include "ikectl/keywords.h"

#include <string>

namespace iked::ikectl {
namespace {

using control::Reload;
using control::Request;
using control::Reset;
using control::SetCoupled;
using control::SetPassive;
using control::SetVerbosity;
using control::ShowPolicies;
using control::ShowSas;

struct Keyword {
  std::string_view word;
  Request request;                     // when the command ends here
  std::span<const Keyword> next = {};  // else the words that may follow
};

// In the order in which OpenBSD's ikectl lists them.
constexpr Keyword log_words[] = {
    {"verbose", SetVerbosity{SetVerbosity::max}},
    {"brief", SetVerbosity{0}},
};
constexpr Keyword reset_words[] = {
    {"all", Reset{ResetTarget::all}},
    {"sa", Reset{ResetTarget::sa}},
};
constexpr Keyword show_words[] = {
    {"policy", ShowPolicies{}},
    {"sa", ShowSas{}},
};
constexpr Keyword commands[] = {
    {"active", SetPassive{false}},   {"passive", SetPassive{true}}, {"couple", SetCoupled{true}},
    {"decouple", SetCoupled{false}}, {"log", {}, log_words},        {"reload", Reload{}},
    {"reset", {}, reset_words},      {"show", {}, show_words},
};

std::string list(std::span<const Keyword> choices) {
  std::string text = "valid commands/args:";
  for (const Keyword& choice : choices) text += fmt::format("\n  {}", choice.word);
  // What follows `ca` is ca_words.h's.
  if (choices.data() == commands || choices.data() == show_words) text += "\n  ca";
  return text;
}

Result<const Keyword*> choose(std::string_view given, std::span<const Keyword> choices) {
  const Keyword* chosen = nullptr;
  for (const Keyword& choice : choices) {
    if (choice.word == given) return &choice;
    if (!choice.word.starts_with(given)) continue;
    if (chosen != nullptr) return fail("ambiguous argument: {}\n{}", given, list(choices));
    chosen = &choice;
  }
  if (chosen == nullptr) return fail("unknown argument: {}\n{}", given, list(choices));
  return chosen;
}

}  // namespace

std::string usage() {
  std::string text = "usage: ikectl [-q] [-s socket] command [arg ...]\ncommands:";
  for (const Keyword& command : commands) {
    text += fmt::format("\n  {}", command.word);
    for (const Keyword& word : command.next) {
      text += fmt::format("{}{}", &word == command.next.data() ? " " : " | ", word.word);
    }
  }
  return text +
         "\nof certificates:\n"
         "  ca NAME create | delete | install | certificate | key | export | crl\n"
         "  show ca NAME certificates\n"
         "See ikectl(8).";
}

Result<Request> parse_command(std::span<const std::string_view> words) {
  std::span<const Keyword> choices = commands;
  while (true) {
    if (words.empty()) return fail("missing argument:\n{}", list(choices));
    const auto chosen = choose(words.front(), choices);
    if (!chosen) return std::unexpected(chosen.error());
    words = words.subspan(1);
    choices = (*chosen)->next;
    if (!choices.empty()) continue;
    if (!words.empty()) return fail("superfluous argument: {}", words.front());
    return (*chosen)->request;
  }
}

}  // namespace iked::ikectl
