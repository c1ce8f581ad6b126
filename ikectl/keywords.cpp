// SPDX-License-Identifier: ISC
#include "ikectl/keywords.h"

#include <string>

namespace iked::ikectl {
namespace {

using control::Request;

using Text = std::string_view;
/// Makes the request; `text` is what stood in the place of the last placeholder.
using Make = Request (*)(Text text);

struct Keyword {
  Text word;                           // "<name>": any text
  Make make = nullptr;                 // when the command ends here
  std::span<const Keyword> next = {};  // else the words that may follow
  bool ours = false;                   // OpenBSD's ikectl does not have it
};

constexpr bool ours = true;

// In the order in which OpenBSD's ikectl lists them, ours behind.
constexpr Keyword file_word[] = {
    {"<path>", [](Text path) -> Request { return control::Load{std::string(path)}; }},
};
constexpr Keyword id_word[] = {
    {"<ikeid>", [](Text id) -> Request { return control::ResetId{std::string(id)}; }},
};
constexpr Keyword connect_word[] = {
    {"<policy>", [](Text name) -> Request { return control::Connect{std::string(name)}; }},
};
constexpr Keyword disconnect_word[] = {
    {"<policy>", [](Text name) -> Request { return control::Disconnect{std::string(name)}; }},
};
constexpr Keyword why_word[] = {
    {"<name>", [](Text name) -> Request { return control::ShowFailures{std::string(name)}; }},
};
constexpr Keyword log_words[] = {
    {"verbose", [](Text) -> Request { return control::SetVerbosity{control::SetVerbosity::max}; }},
    {"brief", [](Text) -> Request { return control::SetVerbosity{0}; }},
};
template <ResetTarget target>
Request reset(Text) {
  return control::Reset{target};
}
constexpr Keyword reset_words[] = {
    {"all", reset<ResetTarget::all>},       {"ca", reset<ResetTarget::ca>},
    {"policy", reset<ResetTarget::policy>}, {"sa", reset<ResetTarget::sa>},
    {"user", reset<ResetTarget::user>},     {"id", nullptr, id_word},
};
constexpr Keyword show_words[] = {
    {"sa", [](Text) -> Request { return control::ShowSas{}; }},
    {"certstore", [](Text) -> Request { return control::ShowCertificates{}; }},
    {"stats", [](Text) -> Request { return control::ShowStatistics{}; }},
    {"policy", [](Text) -> Request { return control::ShowPolicies{}; }, {}, ours},
};
constexpr Keyword commands[] = {
    {"active", [](Text) -> Request { return control::SetPassive{false}; }},
    {"passive", [](Text) -> Request { return control::SetPassive{true}; }},
    {"couple", [](Text) -> Request { return control::SetCoupled{true}; }},
    {"decouple", [](Text) -> Request { return control::SetCoupled{false}; }},
    {"load", nullptr, file_word},
    {"log", nullptr, log_words},
    {"monitor", [](Text) -> Request { return control::Monitor{}; }},
    {"reload", [](Text) -> Request { return control::Reload{}; }},
    {"reset", nullptr, reset_words},
    {"show", nullptr, show_words},
    {"connect", nullptr, connect_word, ours},
    {"disconnect", nullptr, disconnect_word, ours},
    {"why", nullptr, why_word, ours},
};

bool is_placeholder(const Keyword& keyword) {
  return keyword.word.starts_with('<');
}

// `ca` itself is understood elsewhere (ca_words.h), but it counts where words are compared.
bool has_ca(std::span<const Keyword> choices) {
  return choices.data() == commands || choices.data() == show_words;
}

std::string list(std::span<const Keyword> choices) {
  std::string text = "valid commands/args:";
  if (choices.data() == show_words) text += "\n  ca";
  for (const Keyword& choice : choices) {
    if (choice.word == "connect") text += "\n  ca";
    text += fmt::format("\n  {}", choice.word);
  }
  return text;
}

Result<const Keyword*> choose(Text given, std::span<const Keyword> choices) {
  if (is_placeholder(choices.front())) return &choices.front();
  const Keyword* chosen = nullptr;
  for (const Keyword& choice : choices) {
    if (choice.word == given) return &choice;
    if (!choice.word.starts_with(given)) continue;
    if (chosen != nullptr && choice.ours && !chosen->ours) continue;
    if (chosen != nullptr) return fail("ambiguous argument: {}\n{}", given, list(choices));
    chosen = &choice;
  }
  if (chosen != nullptr && has_ca(choices) && Text("ca").starts_with(given)) {
    return fail("ambiguous argument: {}\n{}", given, list(choices));
  }
  if (chosen == nullptr) return fail("unknown argument: {}\n{}", given, list(choices));
  return chosen;
}

}  // namespace

std::string usage() {
  std::string text =
      "usage: ikectl [-q] [-s socket] [--json | --table | --openmetrics] command [arg ...]\n"
      "commands:";
  for (const Keyword& command : commands) {
    text += fmt::format("\n  {}", command.word);
    for (const Keyword& word : command.next) {
      text += fmt::format("{}{}", &word == command.next.data() ? " " : " | ", word.word);
      if (!word.next.empty()) text += fmt::format(" {}", word.next.front().word);
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
    const Text given = words.front();
    const auto chosen = choose(given, choices);
    if (!chosen) return std::unexpected(chosen.error());
    words = words.subspan(1);
    choices = (*chosen)->next;
    if (!choices.empty()) continue;
    if (!words.empty()) return fail("superfluous argument: {}", words.front());
    return (*chosen)->make(given);
  }
}

}  // namespace iked::ikectl
