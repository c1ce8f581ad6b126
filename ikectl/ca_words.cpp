// SPDX-License-Identifier: ISC
#include "ikectl/ca_words.h"

#include <algorithm>
#include <charconv>
#include <deque>

namespace iked::ikectl {
namespace {

using authority::CaName;
using authority::ExportFormat;
using authority::Failure;
using authority::Host;
using authority::Outcome;
using authority::pass;
using authority::Profile;
using enum CaAction;

template <typename... Args>
std::unexpected<Failure> wrong(fmt::format_string<Args...> format, Args&&... args) {
  return authority::fail_as(Failure::Kind::usage, format, std::forward<Args>(args)...);
}

// ---- options ----

using Value = std::string_view;

Outcome<void> set_days(CaCommand& c, Value v) {
  unsigned days = 0;
  const auto [end, error] = std::from_chars(v.data(), v.data() + v.size(), days);
  if (error != std::errc{} || end != v.data() + v.size() || days == 0 ||
      days > authority::most_days) {
    return wrong("--days: a number from 1 to {}, not \"{}\"", authority::most_days, v);
  }
  c.days = days;
  return {};
}

Outcome<void> set_key_type(CaCommand& c, Value v) {
  auto type = authority::parse_key_type(v);
  if (!type) return pass(type);
  c.key_type = *type;
  return {};
}

Outcome<void> add_name(CaCommand& c, Value v) {
  auto name = Host::parse(v);
  if (!name) return pass(name);
  c.more_names.push_back(std::move(*name));
  return {};
}

template <std::string CaCommand::*member>
Outcome<void> set_text(CaCommand& c, Value v) {
  if (v.empty()) return wrong("an option that needs a value has an empty one");
  c.*member = v;
  return {};
}

template <bool CaCommand::*member>
Outcome<void> set_flag(CaCommand& c, Value) {
  c.*member = true;
  return {};
}

struct Option {
  std::string_view name;
  bool has_value;
  Outcome<void> (*set)(CaCommand&, Value);
  std::vector<CaAction> only = {};  // empty: all
};

const std::vector<Option>& options() {
  static const std::vector<Option> all{
      {"--root", true, set_text<&CaCommand::root>},
      {"--ca-directory", true, set_text<&CaCommand::ca_folder>},
      {"--password-file",
       true,
       set_text<&CaCommand::password_file>,
       {create, renew_list, export_files, certificate_create, certificate_revoke,
        certificate_export, key_import}},
      {"--force",
       false,
       set_flag<&CaCommand::force>,
       {remove, install, export_files, certificate_create, certificate_install, certificate_export,
        key_install, key_import}},
      {"--key-type", true, set_key_type, {create, certificate_create, key_create}},
      {"--days", true, set_days, {create, certificate_create}},
      {"--subject", true, set_text<&CaCommand::subject>, {create, certificate_create}},
      {"--name", true, add_name, {certificate_create}},
      {"--crl-url", true, set_text<&CaCommand::crl_url>, {certificate_create}},
      {"--ocsp-url", true, set_text<&CaCommand::ocsp_url>, {certificate_create}},
      {"--directory",
       true,
       set_text<&CaCommand::export_folder>,
       {export_files, certificate_export}},
      {"--legacy", false, set_flag<&CaCommand::legacy>, {export_files, certificate_export}},
  };
  return all;
}

const Option* option_called(Value name) {
  const auto found = std::ranges::find(options(), name, &Option::name);
  return found == options().end() ? nullptr : &*found;
}

std::string all_options() {
  std::string text = "options:";
  for (const Option& o : options()) text += fmt::format("\n  {}", o.name);
  return text;
}

/// Takes the options out of the words; which ones is remembered, for the action is not known yet.
Outcome<std::vector<const Option*>> take_options(CaCommand& command, std::deque<Value>& words) {
  std::vector<const Option*> taken;
  std::deque<Value> rest;
  while (!words.empty()) {
    const Value word = words.front();
    words.pop_front();
    if (!word.starts_with("--")) {
      rest.push_back(word);
      continue;
    }
    const size_t equals = word.find('=');
    const Option* option = option_called(word.substr(0, equals));
    if (option == nullptr) return wrong("unknown option: {}\n{}", word, all_options());
    Value value;
    if (option->has_value && equals != Value::npos) {
      value = word.substr(equals + 1);
    } else if (option->has_value) {
      if (words.empty()) return wrong("{} needs a value", option->name);
      value = words.front();
      words.pop_front();
    } else if (equals != Value::npos) {
      return wrong("{} has no value", option->name);
    }
    if (auto set = option->set(command, value); !set) return pass(set);
    taken.push_back(option);
  }
  words = std::move(rest);
  return taken;
}

// ---- words ----

template <typename T>
struct Choice {
  std::string_view word;
  T value;
};

/// `placeholder` is listed as well, for a free word that could stand here.
template <typename Choices>
std::string list(const Choices& choices, std::string_view placeholder = {}) {
  std::string text = "valid commands/args:";
  for (const auto& choice : choices) text += fmt::format("\n  {}", choice.word);
  if (!placeholder.empty()) text += fmt::format("\n  {}", placeholder);
  return text;
}

template <typename T, size_t n>
Outcome<T> choose(std::deque<Value>& words, const Choice<T> (&choices)[n]) {
  if (words.empty()) return wrong("missing argument:\n{}", list(choices));
  const Value given = words.front();
  const Choice<T>* chosen = nullptr;
  for (const Choice<T>& choice : choices) {
    if (!choice.word.starts_with(given)) continue;
    if (chosen != nullptr && choice.word != given) {
      return wrong("ambiguous argument: {}\n{}", given, list(choices));
    }
    chosen = &choice;
    if (choice.word == given) break;
  }
  if (chosen == nullptr) return wrong("unknown argument: {}\n{}", given, list(choices));
  words.pop_front();
  return chosen->value;
}

Outcome<std::string_view> free_word(std::deque<Value>& words, std::string_view placeholder) {
  if (words.empty()) {
    return wrong("missing argument:\nvalid commands/args:\n  {}", placeholder);
  }
  const Value word = words.front();
  words.pop_front();
  return word;
}

enum class Trail { none, password, path, file, profile, export_terms };

struct Act {
  CaAction action;
  Trail trail;
};

// In the order in which OpenIKED's ikectl lists them; then ours.
enum class Top { create, remove, install, certificate, key, export_files, renew };
constexpr Choice<Top> top_words[] = {
    {"create", Top::create},   {"delete", Top::remove},
    {"install", Top::install}, {"certificate", Top::certificate},
    {"key", Top::key},         {"export", Top::export_files},
    {"crl", Top::renew},
};
constexpr Choice<Act> certificate_words[] = {
    {"create", {certificate_create, Trail::profile}},
    {"delete", {certificate_remove, Trail::none}},
    {"install", {certificate_install, Trail::path}},
    {"export", {certificate_export, Trail::export_terms}},
    {"revoke", {certificate_revoke, Trail::none}},
};
constexpr Choice<Act> key_words[] = {
    {"create", {key_create, Trail::none}},
    {"delete", {key_remove, Trail::none}},
    {"install", {key_install, Trail::path}},
    {"import", {key_import, Trail::file}},
};
constexpr Choice<Profile> profile_words[] = {
    {"server", Profile::server},
    {"client", Profile::client},
    {"ocsp", Profile::ocsp},
    {"peer", Profile::peer},
};
enum class Term { tgz, pkcs12, peer, password };
constexpr Choice<Term> export_words[] = {
    {"tgz", Term::tgz},
    {"pkcs12", Term::pkcs12},
    {"peer", Term::peer},
    {"password", Term::password},
};
constexpr Choice<Term> create_words[] = {{"password", Term::password}};

Outcome<void> parse_export_terms(CaCommand& command, std::deque<Value>& words) {
  while (!words.empty()) {
    const auto term = choose(words, export_words);
    if (!term) return std::unexpected(term.error());
    if (*term == Term::tgz || *term == Term::pkcs12) {
      command.format = *term == Term::tgz ? ExportFormat::archive : ExportFormat::pkcs12;
      continue;
    }
    auto word = free_word(words, *term == Term::peer ? "<peer>" : "<password>");
    if (!word) return pass(word);
    if (*term == Term::peer) command.peer = *word;
    if (*term == Term::password) command.password = *word;
  }
  return {};
}

Outcome<void> parse_trail(CaCommand& command, Trail trail, std::deque<Value>& words) {
  if (words.empty() && trail != Trail::file) return {};
  switch (trail) {
    case Trail::none:
      break;
    case Trail::path:
    case Trail::file: {
      auto path = free_word(words, "<path>");
      if (!path) return pass(path);
      if (path->empty()) return wrong("the path is empty");
      command.path = *path;
      break;
    }
    case Trail::profile: {
      auto profile = choose(words, profile_words);
      if (!profile) return pass(profile);
      command.profile = *profile;
      break;
    }
    case Trail::password: {
      if (const auto word = choose(words, create_words); !word) {
        return std::unexpected(word.error());
      }
      auto password = free_word(words, "<password>");
      if (!password) return pass(password);
      command.password = *password;
      break;
    }
    case Trail::export_terms:
      return parse_export_terms(command, words);
  }
  return {};
}

Outcome<Act> parse_host_action(CaCommand& command, Top what, std::deque<Value>& words) {
  auto word = free_word(words, "<host>");
  if (!word) return pass(word);
  auto host = Host::parse(*word);
  if (!host) return pass(host);
  command.host = std::move(*host);
  return what == Top::certificate ? choose(words, certificate_words) : choose(words, key_words);
}

Outcome<Act> parse_action(CaCommand& command, std::deque<Value>& words) {
  const auto top = choose(words, top_words);
  if (!top) return std::unexpected(top.error());
  switch (*top) {
    case Top::create:
      return Act{create, Trail::password};
    case Top::remove:
      return Act{remove, Trail::none};
    case Top::install:
      return Act{install, Trail::path};
    case Top::export_files:
      return Act{export_files, Trail::export_terms};
    case Top::renew:
      return Act{renew_list, Trail::none};
    case Top::certificate:
    case Top::key:
      break;
  }
  return parse_host_action(command, *top, words);
}

Outcome<Act> parse_show(CaCommand& command, std::deque<Value>& words) {
  static constexpr Choice<Act> show_words[] = {{"certificates", {show, Trail::none}}};
  auto act = choose(words, show_words);
  if (!act || words.empty()) return act;
  auto host = Host::parse(words.front());
  if (!host) return pass(host);
  command.host = std::move(*host);
  words.pop_front();
  return act;
}

bool begins_show(Value word) {
  return !word.empty() && Value("show").starts_with(word);
}

}  // namespace

std::string folder_of_authorities(const std::string& root, const std::string& ca_folder) {
  return ca_folder.empty() ? root + "/etc/ssl" : ca_folder;
}

bool is_ca_command(std::span<const std::string_view> words) {
  if (words.empty()) return false;
  return words[0] == "ca" || (words.size() > 1 && begins_show(words[0]) && words[1] == "ca");
}

Outcome<CaCommand> parse_ca_command(std::span<const std::string_view> all) {
  std::deque<Value> words(all.begin(), all.end());
  CaCommand command;
  const bool shows = words.front() != "ca";
  words.erase(words.begin(), words.begin() + (shows ? 2 : 1));
  const auto taken = take_options(command, words);
  if (!taken) return std::unexpected(taken.error());
  auto word = free_word(words, "<caname>");
  if (!word) return pass(word);
  auto name = CaName::parse(*word);
  if (!name) return pass(name);
  command.ca = std::move(*name);
  auto act = shows ? parse_show(command, words) : parse_action(command, words);
  if (!act) return pass(act);
  command.action = act->action;
  for (const Option* option : *taken) {
    if (option->only.empty()) continue;
    if (std::ranges::find(option->only, act->action) != option->only.end()) continue;
    return wrong("{} does not belong to this command", option->name);
  }
  if (auto trail = parse_trail(command, act->trail, words); !trail) return pass(trail);
  if (!words.empty()) return wrong("superfluous argument: {}", words.front());
  if (command.action == export_files && command.format == ExportFormat::pkcs12) {
    return wrong("a CA is exported as tgz, for its key is not: ca.crt is in it");
  }
  return command;
}

std::vector<CaOption> ca_options() {
  std::vector<CaOption> all;
  for (const Option& option : options()) all.push_back({option.name, option.has_value});
  return all;
}

}  // namespace iked::ikectl
