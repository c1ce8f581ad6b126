// SPDX-License-Identifier: ISC
// Configurations as files: accept/*.conf with their meaning, reject/*.conf with what is said about
// them, each in NAME.expected. IKED_UPDATE_EXPECTED=1 writes the .expected files anew, to be read
// before they are committed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <list>

#include "conf/support.h"
#include "conf/to_text.h"
#include "conf/transforms.h"

namespace iked::conf {
namespace {

namespace fs = std::filesystem;

const fs::path here = fs::path(IKED_SOURCE_DIR) / "tests/conf";

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(here / folder)) {
    const fs::path& path = entry.path();
    if (path.extension() == ".conf" && !path.stem().string().starts_with("included-")) {
      names.push_back(path.stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Files of one folder, under their bare names; no checks of owner and mode.
class Folder final : public Environment {
 public:
  explicit Folder(fs::path path) : path_(std::move(path)) {}
  Result<FileText> read(const std::string& name) override {
    if (!fs::is_regular_file(path_ / name)) return fail("cannot be opened: No such file");
    return FileText{texts_.emplace_back(content(path_ / name)), name};
  }
  std::optional<uint16_t> service_port(const std::string& name) override {
    return known_.service_port(name);
  }
  std::optional<uint8_t> protocol_number(const std::string& name) override {
    return known_.protocol_number(name);
  }

 private:
  fs::path path_;
  std::list<std::string> texts_;
  test::MemoryEnvironment known_;
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string joined(std::string_view section, const std::vector<Proposal>& all) {
  std::string text;
  for (const Proposal& p : all) text += fmt::format(" {} {}", section, to_string(p));
  return text;
}

/// The normal form, with the default proposals shortened to keep the files readable.
std::string meaning(const Config& config) {
  std::string text = to_text(config);
  text = replaced(text, joined("ikesa", default_proposals(ProtocolId::IKE)), " IKESA");
  text = replaced(text, joined("childsa", default_proposals(ProtocolId::ESP)), " CHILDSA");
  text = replaced(text, joined("childsa", default_proposals(ProtocolId::AH)), " CHILDSA-AH");
  const std::string defaults = to_text(Config{});
  for (size_t at = 0, end = 0; (end = defaults.find('\n', at)) != std::string::npos; at = end + 1) {
    text = replaced(text, defaults.substr(at, end + 1 - at), "");
  }
  return replaced(text, " ikelifetime 0 lifetime 10800 bytes 4294967296", " LIFETIMES");
}

void expect_content(const fs::path& path, const std::string& text) {
  if (std::getenv("IKED_UPDATE_EXPECTED") != nullptr) std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(text, content(path)) << path;
}

struct Outcome {
  test::MemorySecrets secrets;
  LoadResult result;
};

Outcome load(const std::string& folder, const std::string& name) {
  Outcome outcome;
  Folder files(here / folder);
  outcome.result = parse({name + ".conf", {}, "here.example.com"}, files, outcome.secrets,
                         test::some_catalogue());
  return outcome;
}

std::string all_of(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& d : diagnostics) text += to_string(d) + '\n';
  return text;
}

std::string name_of(const testing::TestParamInfo<std::string>& info) {
  return replaced(info.param, "-", "_");
}

class AcceptFile : public testing::TestWithParam<std::string> {};
TEST_P(AcceptFile, MeansWhatIsExpected) {
  const Outcome outcome = load("accept", GetParam());
  ASSERT_TRUE(outcome.result.config) << all_of(outcome.result.diagnostics);
  expect_content(here / "accept" / (GetParam() + ".expected"),
                 all_of(outcome.result.diagnostics) + meaning(*outcome.result.config));
}

TEST_P(AcceptFile, NormalFormParsesToTheSame) {
  const Outcome outcome = load("accept", GetParam());
  ASSERT_TRUE(outcome.result.config);
  const std::string text = to_text(*outcome.result.config, outcome.secrets.words());
  test::MemoryEnvironment again;
  again.files["again"] = text;
  test::MemorySecrets secrets = outcome.secrets;
  const LoadResult result =
      parse({"again", {}, "here.example.com"}, again, secrets, test::some_catalogue());
  ASSERT_TRUE(result.config) << all_of(result.diagnostics) << text;
  EXPECT_TRUE(test::same_meaning(*outcome.result.config, *result.config)) << text;
}

class RejectFile : public testing::TestWithParam<std::string> {};
TEST_P(RejectFile, SaysWhatIsExpected) {
  const Outcome outcome = load("reject", GetParam());
  EXPECT_FALSE(outcome.result.config);
  expect_content(here / "reject" / (GetParam() + ".expected"), all_of(outcome.result.diagnostics));
}

/// The secrets of these files all hold this word.
TEST_P(RejectFile, ShowsNoSecret) {
  const std::string text = all_of(load("reject", GetParam()).result.diagnostics);
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("geheim")));
}

INSTANTIATE_TEST_SUITE_P(Files, AcceptFile, testing::ValuesIn(names_in("accept")), name_of);
INSTANTIATE_TEST_SUITE_P(Files, RejectFile, testing::ValuesIn(names_in("reject")), name_of);

}  // namespace
}  // namespace iked::conf
