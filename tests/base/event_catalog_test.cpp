// SPDX-License-Identifier: ISC
// data/journal/iked.catalog against the events of the code.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/event.h"

namespace iked::log {
namespace {

constexpr const char* catalog = IKED_SOURCE_DIR "/data/journal/iked.catalog";

TEST(EventCatalog, ExplainsEachEventAndNoOther) {
  std::map<std::string, std::string, std::less<>> explained;  // by number: the text
  std::string id;
  std::ifstream file(catalog);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#")) continue;
    if (line.starts_with("-- ")) {
      id = line.substr(3);
      EXPECT_FALSE(explained.contains(id)) << id;
    }
    if (!id.empty()) explained[id] += line + "\n";
  }
  for (const EventRow& row : all_events()) {
    const auto found = explained.find(row.message_id);
    ASSERT_NE(found, explained.end()) << row.word;
    EXPECT_NE(found->second.find("\nSubject: "), std::string::npos) << row.word;
    EXPECT_NE(found->second.find("\n\n"), std::string::npos) << row.word << " has no text";
    explained.erase(found);
  }
  EXPECT_TRUE(explained.empty()) << explained.begin()->second;
}

TEST(EventCatalog, EveryEventIsLoggedSomewhere) {
  std::string code;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(IKED_SOURCE_DIR "/src")) {
    if (entry.path().extension() != ".cpp" || entry.path().filename() == "event.cpp") continue;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    code += text.str();
  }
  for (const EventRow& row : all_events()) {
    std::string name(row.word);
    for (char& c : name) c = c == '-' ? '_' : c;
    EXPECT_NE(code.find("Event::" + name), std::string::npos) << row.word;
  }
}

TEST(EventCatalog, JournalctlTakesIt) {
  if (std::system("journalctl --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no journalctl";
  std::string root = (std::filesystem::temp_directory_path() / "iked-catalog-XXXXXX").string();
  ASSERT_NE(mkdtemp(root.data()), nullptr);
  std::filesystem::create_directories(root + "/usr/lib/systemd/catalog");
  std::filesystem::create_directories(root + "/var/lib/systemd/catalog");
  std::filesystem::copy(catalog, root + "/usr/lib/systemd/catalog/iked.catalog");
  EXPECT_EQ(std::system(("journalctl --update-catalog --root=" + root + " >/dev/null").c_str()), 0);
  EXPECT_TRUE(std::filesystem::exists(root + "/var/lib/systemd/catalog/database"));
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace iked::log
