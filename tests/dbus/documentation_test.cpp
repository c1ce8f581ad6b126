// SPDX-License-Identifier: ISC
// docs/dbus.md against the interfaces, and its examples against a running service.
#include <regex>
#include <sstream>

#include "dbus/errors.h"
#include "dbus/fixture.h"
#include "dbus/rows.h"

namespace iked::test {
namespace {

using testing::HasSubstr;

std::string document() {
  return read_file(IKED_SOURCE_DIR "/docs/dbus.md");
}

/// The lines between ```sh and ```.
std::vector<std::string> examples() {
  std::vector<std::string> found;
  std::istringstream lines(document());
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      inside = line == "```sh";
    } else if (inside) {
      found.push_back(line);
    }
  }
  return found;
}

TEST(DbusDocument, NamesEveryMethodSignalAndProperty) {
  const std::string text = document();
  const std::regex member("<(interface|method|signal|property) name=\"([^\"]*)\"");
  size_t members = 0;
  for (const char* file :
       {"org.iked1.xml", "org.iked1.Policy.xml", "org.freedesktop.LogControl1.xml"}) {
    const std::string xml = read_file(std::string(IKED_SOURCE_DIR "/data/dbus/") + file);
    for (std::sregex_iterator at(xml.begin(), xml.end(), member), end; at != end; ++at, ++members) {
      const std::string name = (*at)[2];
      const std::string shown = (*at)[1] == "interface" ? "## " + name : "`" + name + "`";
      EXPECT_THAT(text, HasSubstr(shown));
    }
  }
  EXPECT_GT(members, 20U);
}

TEST(DbusDocument, SaysWhatEachPropertySignals) {
  const std::string text = document();
  const std::string xml = read_file(IKED_SOURCE_DIR "/data/dbus/org.iked1.xml");
  const std::regex property(
      "<property name=\"(\\w+)\" type=\"(\\w)\"[^>]*>\\s*<annotation[^>]*value=\"(\\w+)\"");
  size_t properties = 0;
  for (std::sregex_iterator at(xml.begin(), xml.end(), property), end; at != end; ++at) {
    const std::string value = (*at)[3];
    const std::string word = value == "true" ? "yes" : value == "false" ? "no" : "constant";
    EXPECT_THAT(text,
                HasSubstr("| `" + (*at)[1].str() + "` | " + (*at)[2].str() + " | " + word + " |"));
    ++properties;
  }
  EXPECT_EQ(properties, 7U);
}

TEST(DbusDocument, NamesEveryKeyAndError) {
  const std::string text = document();
  IkeSaRow sa = control::sa_row();
  sa.waiting = "SaInitResponder::on_shared_secret";
  PolicyRow policy = control::policy_row();
  policy.retry_seconds = 5;
  policy.last_error = "wrong key";
  for (const dbus::Row& row : {dbus::to_row(sa), dbus::to_row(control::child_row(), 1),
                               dbus::to_row(policy), dbus::to_row(control::failure_row())}) {
    for (const auto& [key, value] : row) EXPECT_THAT(text, HasSubstr("`" + key + "`"));
  }
  for (const std::string& error :
       {dbus::errors::failed, dbus::errors::no_such_sa, dbus::errors::config_invalid,
        dbus::errors::no_such_policy, dbus::errors::in_progress, dbus::errors::not_active,
        dbus::errors::authentication_failed, dbus::errors::no_proposal_chosen,
        dbus::errors::no_common_flow, dbus::errors::timeout, dbus::errors::unreachable,
        dbus::errors::kernel_rejected, dbus::errors::ended, dbus::errors::too_many_calls,
        dbus::errors::access_denied, dbus::errors::interaction_required,
        dbus::errors::invalid_arguments}) {
    EXPECT_THAT(text, HasSubstr("`" + error + "`"));
  }
}

class DbusExamples : public BusTest {};

TEST_F(DbusExamples, OfTheDocumentWork) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, to set a property";
  start();
  polkit->otherwise = FakePolkit::Verdict::yes;
  const std::vector<std::string> commands = examples();
  EXPECT_GT(commands.size(), 15U);
  for (const std::string& command : commands) {
    const auto [status, said] = drive.run(command);
    EXPECT_EQ(status, 0) << command << "\n" << said;
  }
  EXPECT_THAT(control.calls,
              testing::ElementsAre("certificates", "passive", "active", "decouple", "couple",
                                   "verbosity 0", "check", "reload", "load /etc/iked/night.conf",
                                   "close 2", "rekey 2", "reset id FQDN/b.example.com", "reset 3"));
}

}  // namespace
}  // namespace iked::test
