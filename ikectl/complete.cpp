// SPDX-License-Identifier: ISC
#include "ikectl/complete.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "control/client.h"
#include "ikectl/ca_words.h"
#include "ikectl/keywords.h"
#include "ikectl/text.h"

namespace iked::ikectl {
namespace {

using Words = std::vector<std::string_view>;

// Stands where a word is missing. No command and no name is like it.
constexpr std::string_view no_word = "\x01";

/// What stands behind "valid commands/args:" in an error.
std::vector<std::string> listed(std::string_view error) {
  constexpr std::string_view title = "valid commands/args:";
  std::vector<std::string> found;
  const size_t at = error.find(title);
  if (at == error.npos) return found;
  for (size_t begin = at + title.size() + 1; begin < error.size();) {
    const size_t end = std::min(error.find('\n', begin), error.size());
    const std::string_view line = error.substr(begin, end - begin);
    found.emplace_back(line.substr(std::min(line.find_first_not_of(' '), line.size())));
    begin = end + 1;
  }
  return found;
}

/// Where a command could end, but need not, only a word that is wrong brings the list.
template <typename Parse>
std::vector<std::string> next_words(Words words, const Parse& parse) {
  const std::string error = parse(words);
  if (error.starts_with("missing argument")) return listed(error);
  if (!error.empty()) return {};  // the words before are wrong already
  words.push_back(no_word);
  return listed(parse(words));
}

std::string ca_error(const Words& words) {
  const auto parsed = parse_ca_command(words);
  return parsed ? "" : parsed.error().text;
}

std::string daemon_error(const Words& words) {
  const auto parsed = parse_command(words);
  return parsed ? "" : parsed.error().text;
}

/// Free words that may be left out, which no list names.
std::vector<std::string> optional_words(const Words& words) {
  const auto shorter = parse_ca_command(words);
  if (!shorter) return {};
  Words longer = words;
  longer.push_back("a");
  const auto with_word = parse_ca_command(longer);
  if (!with_word) return {};
  if (with_word->path != shorter->path) return {"<path>"};
  if (with_word->host && !shorter->host) return {"<host>"};
  return {};
}

bool has_value(std::string_view option) {
  return std::ranges::any_of(
      ca_options(), [&](const CaOption& one) { return one.name == option && one.has_value; });
}

struct CaOptions {
  std::string folder;
  Words rest;  // the words without options
};

/// Only as much of the options as is needed to find the folder and the words between them.
CaOptions without_options(const Words& words) {
  CaOptions found;
  std::string root;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (!word.starts_with("--")) {
      found.rest.push_back(word);
      continue;
    }
    const size_t equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    std::string_view value = equals == word.npos ? "" : word.substr(equals + 1);
    if (equals == word.npos && has_value(name) && i + 1 < words.size()) value = words[++i];
    if (name == "--root") root = value;
    if (name == "--ca-directory") found.folder = value;
  }
  found.folder = folder_of_authorities(root, found.folder);
  return found;
}

std::vector<std::string> option_names() {
  std::vector<std::string> names;
  for (const CaOption& option : ca_options()) names.emplace_back(option.name);
  return names;
}

/// The values of the option before the word, if it is one that has some.
std::optional<std::vector<std::string>> option_values(std::string_view name) {
  if (!has_value(name)) return {};
  std::vector<std::string> values;
  if (name == "--key-type") {
    for (const auto& type : authority::key_type_names()) values.emplace_back(type.word);
  } else if (name == "--root" || name == "--password-file" || name.ends_with("directory")) {
    values.emplace_back(file_names);
  }
  return values;
}

std::vector<std::string> complete_ca(const Words& before, std::string_view current,
                                     const LiveNames& live) {
  if (auto values = option_values(before.back())) return *values;
  if (current.starts_with('-')) return option_names();
  const CaOptions options = without_options(before);
  auto next = next_words(options.rest, ca_error);
  if (next.empty()) next = optional_words(options.rest);
  std::vector<std::string> names;
  for (const std::string& word : next) {
    std::vector<std::string> known{word};
    if (word == "<caname>") known = live.authorities(options.folder);
    if (word == "<host>") {
      const size_t ca_at = options.rest.front() == "ca" ? 1 : 2;
      known = live.hosts(options.folder, std::string(options.rest[ca_at]));
    }
    names.insert(names.end(), known.begin(), known.end());
  }
  return names;
}

std::vector<std::string> complete_daemon(const Words& before, const LiveNames& live) {
  std::vector<std::string> names;
  for (const std::string& word : next_words(before, daemon_error)) {
    std::vector<std::string> known{word};
    if (word == "<policy>" || word == "<name>") known = live.policies();
    if (word == "<ikeid>") known = live.identities();
    names.insert(names.end(), known.begin(), known.end());
  }
  return names;
}

// ---- live names ----

std::vector<std::string> policies_of(const std::string& socket) {
  std::vector<std::string> names;
  auto client = control::Client::connect(socket);
  if (!client) return names;
  (void)client->for_each_policy([&](const PolicyRow& row) { names.push_back(clean(row.name)); });
  return names;
}

std::vector<std::string> identities_of(const std::string& socket) {
  std::vector<std::string> names;
  auto client = control::Client::connect(socket);
  if (!client) return names;
  (void)client->for_each_sa([&](const IkeSaRow& row) { names.push_back(clean(row.remote_id)); });
  return names;
}

/// Below `folder`: names of folders that have a ca.crt.
std::vector<std::string> authorities_below(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (std::filesystem::exists(entry.path() / "ca.crt", error)) {
      names.push_back(clean(entry.path().filename().string()));
    }
  }
  return names;
}

std::vector<std::string> hosts_of(const std::string& folder, const std::string& ca) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "/" + ca, error)) {
    const auto& path = entry.path();
    if (path.extension() != ".crt" || path.stem() == "ca") continue;
    names.push_back(clean(path.stem().string()));
  }
  return names;
}

}  // namespace

std::vector<std::string> complete(std::span<const std::string_view> words, const LiveNames& live) {
  if (words.empty()) return {};
  const std::string_view current = words.back();
  const Words before(words.begin(), words.end() - 1);
  auto names =
      is_ca_command(before) ? complete_ca(before, current, live) : complete_daemon(before, live);
  std::erase_if(names, [&](const std::string& name) {
    if (name == file_names) return false;
    return name.empty() || name.front() == '<' || !name.starts_with(current);
  });
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

int run_complete(std::span<const std::string_view> arguments) {
  std::string socket = "/run/iked.sock";
  while (arguments.size() > 1 && arguments.front().starts_with('-')) {
    const bool has_value = arguments.front() == "-s" || arguments.front() == "-qs";
    if (has_value) socket = arguments[1];
    if (!has_value && arguments.front().starts_with("-s")) socket = arguments.front().substr(2);
    arguments = arguments.subspan(has_value && arguments.size() > 2 ? 2 : 1);
  }
  const LiveNames live{.policies = [&] { return policies_of(socket); },
                       .identities = [&] { return identities_of(socket); },
                       .authorities = authorities_below,
                       .hosts = hosts_of};
  for (const std::string& name : complete(arguments, live)) fmt::print("{}\n", name);
  return 0;
}

}  // namespace iked::ikectl
