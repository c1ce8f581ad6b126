// SPDX-License-Identifier: ISC
#include "ikectl/ca_words.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

namespace iked::ikectl {
namespace {

using authority::Failure;
using authority::HostKind;
using authority::KeyType;
using authority::Profile;
using testing::HasSubstr;
using testing::StartsWith;

std::vector<std::string> split(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

authority::Outcome<CaCommand> parse(const std::string& line) {
  const auto words = split(line);
  const std::vector<std::string_view> views(words.begin(), words.end());
  return parse_ca_command(views);
}

std::string error(const std::string& line) {
  const auto parsed = parse(line);
  if (parsed) return "parsed";
  EXPECT_EQ(parsed.error().kind, Failure::Kind::usage) << line;
  return parsed.error().text;
}

TEST(CaWords, EachCommandIsUnderstood) {
  const std::vector<std::pair<std::string, CaAction>> rows{
      {"ca vpn create", CaAction::create},
      {"ca vpn create password x", CaAction::create},
      {"ca vpn delete", CaAction::remove},
      {"ca vpn install", CaAction::install},
      {"ca vpn install /etc/other", CaAction::install},
      {"ca vpn export", CaAction::export_files},
      {"ca vpn export peer 192.0.2.1 password x", CaAction::export_files},
      {"ca vpn crl", CaAction::renew_list},
      {"ca vpn certificate h create", CaAction::certificate_create},
      {"ca vpn certificate h create ocsp", CaAction::certificate_create},
      {"ca vpn certificate h delete", CaAction::certificate_remove},
      {"ca vpn certificate h install", CaAction::certificate_install},
      {"ca vpn certificate h install ./x", CaAction::certificate_install},
      {"ca vpn certificate h export", CaAction::certificate_export},
      {"ca vpn certificate h export pkcs12 password x", CaAction::certificate_export},
      {"ca vpn certificate h revoke", CaAction::certificate_revoke},
      {"ca vpn key h create", CaAction::key_create},
      {"ca vpn key h delete", CaAction::key_remove},
      {"ca vpn key h install", CaAction::key_install},
      {"ca vpn key h import f", CaAction::key_import},
      {"show ca vpn certificates", CaAction::show},
      {"show ca vpn certificates h", CaAction::show},
      {"sh ca vpn cert", CaAction::show},
      {"ca vpn cert h cr", CaAction::certificate_create},
      {"ca vpn k h im f", CaAction::key_import},
  };
  for (const auto& [line, action] : rows) {
    const auto parsed = parse(line);
    ASSERT_TRUE(parsed) << line << ": " << parsed.error().text;
    EXPECT_EQ(parsed->action, action) << line;
    EXPECT_EQ(parsed->ca.text(), "vpn");
  }
}

TEST(CaWords, ValuesArriveWhereTheyBelong) {
  const auto c = parse(
      "ca --root /r vpn certificate --key-type=ed25519 gw.example.com create server --days 30 "
      "--name 192.0.2.1 --name=2001:db8::1 --subject CN=gw,O=Example --crl-url http://a/ "
      "--ocsp-url http://b/ --password-file p --force --ca-directory /pki");
  ASSERT_TRUE(c) << c.error().text;
  EXPECT_EQ(c->host->text(), "gw.example.com");
  EXPECT_EQ(c->profile, Profile::server);
  EXPECT_EQ(c->key_type, KeyType::ed25519);
  EXPECT_EQ(c->days, 30u);
  ASSERT_EQ(c->more_names.size(), 2u);
  EXPECT_EQ(c->more_names[1].kind(), HostKind::ipv6);
  EXPECT_EQ(c->subject, "CN=gw,O=Example");
  EXPECT_EQ(c->crl_url, "http://a/");
  EXPECT_EQ(c->ocsp_url, "http://b/");
  EXPECT_EQ(c->password_file, "p");
  EXPECT_TRUE(c->force);
  EXPECT_EQ(c->root, "/r");
  EXPECT_EQ(c->ca_folder, "/pki");
  const auto e = parse("ca vpn certificate h export pkcs12 --legacy --directory /d peer x");
  ASSERT_TRUE(e);
  EXPECT_EQ(e->format, authority::ExportFormat::pkcs12);
  EXPECT_TRUE(e->legacy);
  EXPECT_EQ(e->export_folder, "/d");
  EXPECT_EQ(e->peer, "x");
  EXPECT_EQ(parse("ca vpn create password x")->password, "x");
  EXPECT_EQ(parse("ca vpn install ./x")->path, "./x");
}

TEST(CaWords, DefaultsAreOpenIkedsFolders) {
  const auto c = parse("ca vpn create");
  EXPECT_EQ(folder_of_authorities(c->root, c->ca_folder), "/etc/ssl");
  EXPECT_EQ(folder_of_authorities("/r", ""), "/r/etc/ssl");
  EXPECT_EQ(folder_of_authorities("/r", "./pki"), "./pki");
  EXPECT_EQ(c->key_type, KeyType::p256);
  EXPECT_EQ(parse("ca vpn certificate h create")->profile, Profile::peer);
}

TEST(CaWords, MissingAndUnknownWordsAreAnsweredWithTheChoices) {
  const std::string top =
      "valid commands/args:\n  create\n  delete\n  install\n  certificate\n  key\n  export\n  crl";
  EXPECT_EQ(error("ca"), "missing argument:\nvalid commands/args:\n  <caname>");
  EXPECT_EQ(error("ca vpn"), "missing argument:\n" + top);
  EXPECT_EQ(error("ca vpn frob"), "unknown argument: frob\n" + top);
  EXPECT_EQ(error("ca vpn c"), "ambiguous argument: c\n" + top);
  EXPECT_EQ(error("ca vpn key"), "missing argument:\nvalid commands/args:\n  <host>");
  EXPECT_EQ(error("ca vpn key h"),
            "missing argument:\nvalid commands/args:\n  create\n  delete\n  install\n  import");
  EXPECT_EQ(error("ca vpn certificate h x"),
            "unknown argument: x\nvalid commands/args:\n  create\n  delete\n  install\n  export\n  "
            "revoke");
  EXPECT_EQ(error("ca vpn key h import"), "missing argument:\nvalid commands/args:\n  <path>");
  EXPECT_EQ(error("ca vpn create password"),
            "missing argument:\nvalid commands/args:\n  <password>");
  EXPECT_EQ(error("ca vpn certificate h create router"),
            "unknown argument: router\nvalid commands/args:\n  server\n  client\n  ocsp\n  peer");
  EXPECT_EQ(error("ca vpn delete now"), "superfluous argument: now");
  EXPECT_EQ(error("show ca vpn"), "missing argument:\nvalid commands/args:\n  certificates");
}

TEST(CaWords, WrongOptionsAreRefused) {
  EXPECT_THAT(error("ca vpn create --frob"), StartsWith("unknown option: --frob\noptions:"));
  EXPECT_EQ(error("ca vpn create --days"), "--days needs a value");
  EXPECT_EQ(error("ca vpn install --force=yes"), "--force has no value");
  EXPECT_EQ(error("ca vpn delete --days 3"), "--days does not belong to this command");
  EXPECT_EQ(error("ca vpn certificate h install --legacy"),
            "--legacy does not belong to this command");
  for (const char* days : {"0", "-1", "1x", "36501", "99999999999999999999", "x"}) {
    EXPECT_THAT(error(std::string("ca vpn create --days ") + days), StartsWith("--days: a number"));
  }
  EXPECT_THAT(error("ca vpn create --root="), HasSubstr("empty"));
  EXPECT_THAT(error("ca vpn create --key-type dsa"), HasSubstr("unknown type of key"));
  EXPECT_THAT(error("ca vpn certificate h create --name 1.2.3"), HasSubstr("looks like an IPv4"));
}

TEST(CaWords, WrongNamesAreRefused) {
  for (const char* line :
       {"ca ../x create", "ca a/b delete", "ca -x create",
        "ca vpn certificate ../../etc/passwd create", "ca vpn certificate 192.0.2.999 create",
        "ca vpn key ca delete", "ca vpn certificate .. delete", "show ca vpn certificates a/b"}) {
    EXPECT_NE(error(line), "parsed") << line;
  }
}

TEST(CaWords, AuthoritysKeyCannotBeExported) {
  EXPECT_THAT(error("ca vpn export pkcs12"), HasSubstr("its key is not"));
}

TEST(CaWords, AreToldFromTheDaemonsCommands) {
  const auto is_ca = [](const std::string& line) {
    const auto words = split(line);
    return is_ca_command(std::vector<std::string_view>(words.begin(), words.end()));
  };
  for (const char* line : {"ca", "ca x", "show ca", "s ca x", "sho ca"}) EXPECT_TRUE(is_ca(line));
  for (const char* line : {"", "c", "show", "show c", "show sa", "reset ca", "x ca"}) {
    EXPECT_FALSE(is_ca(line)) << line;
  }
}

/// The commands of a text, without the prompt and what comes before `ca`.
std::vector<std::string> commands_of(const char* file) {
  std::vector<std::string> commands;
  std::ifstream text(std::string(IKED_SOURCE_DIR) + file);
  for (std::string line; std::getline(text, line);) {
    const size_t at = line.find("# ikectl ");
    if (at == std::string::npos) continue;
    const std::string command = line.substr(at + 9);
    if (command.starts_with("ca ") || command.starts_with("show ca ")) commands.push_back(command);
  }
  return commands;
}

TEST(CaWords, CommandsOfTheManualsAreUnderstood) {
  for (const auto& [file, least] :
       {std::pair("/docs/ca.md", size_t{12}), std::pair("/data/man/ikectl.8", size_t{8})}) {
    const auto commands = commands_of(file);
    EXPECT_GE(commands.size(), least) << file;
    for (const std::string& command : commands) {
      const auto parsed = parse(command);
      EXPECT_TRUE(parsed) << file << ": " << command << ": " << parsed.error().text;
    }
  }
}

}  // namespace
}  // namespace iked::ikectl
