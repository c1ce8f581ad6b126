// SPDX-License-Identifier: ISC
// What goes from the authority's folder to where it is used.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authority/fixture.h"

namespace iked::authority {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class InstallTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(Authority::create(base, *CaName::parse("vpn"), {.terms = {.common_name = "vpn"}},
                                  user.get()));
    ASSERT_TRUE(open().create_certificate({.host = host}, KeyType::p256, user.get()));
  }
  Authority open() { return std::move(*Authority::open(base, *CaName::parse("vpn"), user.get())); }
  /// Unpacked into a folder of its own.
  std::string unpack(const std::string& file) {
    const std::string into = folder / "unpacked";
    std::filesystem::create_directories(into);
    const std::string command = "tar xpzf " + (folder / file) + " --no-same-owner -C " + into;
    EXPECT_EQ(std::system(command.c_str()), 0);
    return into;
  }

  const Folder folder;
  const std::string base = folder / "ssl";
  const Host host = *Host::parse("2001:db8::1");
  const ActiveFolder active{.path = folder / "iked"};
  TestOperator user;
};

TEST_F(InstallTest, AuthorityIsInstalledWithoutItsKey) {
  user.lines.clear();
  ASSERT_TRUE(open().install(active, user.get()));
  EXPECT_EQ(text_of(active.path + "/ca/ca.crt"), text_of(base + "/vpn/ca.crt"));
  EXPECT_EQ(text_of(active.path + "/crls/ca.crl"), text_of(base + "/vpn/ca.crl"));
  EXPECT_THAT(tree_of(active.path), Not(Contains(HasSubstr(".key"))));
  EXPECT_EQ(mode_of(active.path + "/private"), 0700u);
  EXPECT_THAT(user.lines,
              ElementsAre("certificate for CA 'vpn' installed into " + active.path + "/ca/ca.crt",
                          "CRL for CA 'vpn' installed to " + active.path + "/crls/ca.crl",
                          "iked uses it after: ikectl reload"));
}

TEST_F(InstallTest, CertificateComesWithItsKeys) {
  ASSERT_TRUE(open().install_certificate(host, active, user.get()));
  EXPECT_EQ(text_of(active.path + "/certs/2001:db8::1.crt"),
            text_of(base + "/vpn/2001:db8::1.crt"));
  const std::string key = active.path + "/private/local.key";
  EXPECT_EQ(text_of(key), text_of(base + "/vpn/private/2001:db8::1.key"));
  EXPECT_EQ(mode_of(key), 0600u);
  EXPECT_THAT(text_of(active.path + "/local.pub"), HasSubstr("BEGIN PUBLIC KEY"));
}

TEST_F(InstallTest, KeysAreForTheKeepersGroup) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give files to a group";
  constexpr gid_t keeper = 54321;
  const auto group_of = [](const std::string& path) {
    struct stat info {};
    EXPECT_EQ(stat(path.c_str(), &info), 0);
    return info.st_gid;
  };
  for (const char* folder_name : {"new", "of-openiked"}) {
    const ActiveFolder into{.path = folder / folder_name, .key_group = keeper};
    const std::string keys = into.path + "/private";
    if (folder_name == std::string("of-openiked")) {
      std::filesystem::create_directories(keys);
      std::filesystem::permissions(keys, std::filesystem::perms::owner_all);
    }
    ASSERT_TRUE(open().install_certificate(host, into, user.get()));
    EXPECT_EQ(mode_of(keys), 0750u);
    EXPECT_EQ(group_of(keys), keeper);
    EXPECT_EQ(mode_of(keys + "/local.key"), 0640u);
    EXPECT_EQ(group_of(keys + "/local.key"), keeper);
    EXPECT_NE(group_of(into.path + "/local.pub"), keeper);
  }
  EXPECT_THAT(user.said(), HasSubstr("of-openiked/private is now open to the group _iked-keeper"));
  EXPECT_THAT(user.said(), Not(HasSubstr("new/private is now open")));
}

TEST_F(InstallTest, AgainIsNoQuestion) {
  ASSERT_TRUE(open().install(active, user.get()));
  ASSERT_TRUE(open().install_certificate(host, active, user.get()));
  ASSERT_TRUE(open().install(active, user.get()));
  ASSERT_TRUE(open().install_certificate(host, active, user.get()));
  ASSERT_TRUE(open().install_key(host, active, user.get()));
  EXPECT_THAT(user.questions, ElementsAre());
}

TEST_F(InstallTest, NewerListReplacesTheOlderOneButNotTheOtherWayRound) {
  const std::string list = active.path + "/crls/ca.crl";
  const std::string first = text_of(base + "/vpn/ca.crl");
  ASSERT_TRUE(open().install(active, user.get()));
  ASSERT_TRUE(open().revoke(host, user.get()));
  ASSERT_TRUE(open().install(active, user.get()));
  EXPECT_EQ(text_of(list), text_of(base + "/vpn/ca.crl"));
  write_text(base + "/vpn/ca.crl", first);
  ASSERT_FALSE(open().install(active, user.get()));
  EXPECT_NE(text_of(list), first);
}

TEST_F(InstallTest, ListOfAnotherAuthorityIsNotReplaced) {
  // Of the same name, and older.
  const Issued other;
  const auto list = RevocationList::issue({}, 1, other.ca, other.ca_key, test_now);
  std::filesystem::create_directories(active.path + "/crls");
  write_text(active.path + "/crls/ca.crl", std::string(as_text(list->pem())));
  EXPECT_THAT(open().install(active, user.get()).error().text, HasSubstr("nothing was changed"));
  EXPECT_EQ(text_of(active.path + "/crls/ca.crl"), as_text(list->pem()));
  EXPECT_FALSE(std::filesystem::exists(active.path + "/ca/ca.crt"));
}

TEST_F(InstallTest, WhatIsAnothersStaysUnlessTheOperatorAgrees) {
  const std::string key = active.path + "/private/local.key";
  std::filesystem::create_directories(active.path + "/private");
  write_text(key, "another key");
  const auto refused = open().install_certificate(host, active, user.get());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text, HasSubstr("add --force"));
  EXPECT_EQ(text_of(key), "another key");
  EXPECT_FALSE(std::filesystem::exists(active.path + "/local.pub"));
  EXPECT_FALSE(std::filesystem::exists(active.path + "/certs/2001:db8::1.crt"));
  user.yes = true;
  ASSERT_TRUE(open().install_certificate(host, active, user.get()));
  EXPECT_EQ(text_of(key), text_of(base + "/vpn/private/2001:db8::1.key"));
  EXPECT_EQ(mode_of(key), 0600u);
}

TEST_F(InstallTest, KeyOfAnotherCertificateIsNotGivenOut) {
  const PrivateKey other = PrivateKey::generate(KeyType::p256);
  write_text(base + "/vpn/private/2001:db8::1.key", std::string(as_text(other.to_pem()->reveal())));
  EXPECT_THAT(open().install_certificate(host, active, user.get()).error().text,
              HasSubstr("is not the key of"));
  EXPECT_FALSE(open().export_certificate(host, {.folder = folder.path()}, user.get()));
}

TEST_F(InstallTest, ExportHasWhatAPeerNeeds) {
  user.passphrase = "secret";
  ASSERT_TRUE(
      open().export_certificate(host, {.folder = folder.path(), .peer = "192.0.2.9"}, user.get()));
  EXPECT_EQ(mode_of(folder / "2001_db8__1.tgz"), 0600u);
  const std::string into = unpack("2001_db8__1.tgz");
  EXPECT_THAT(tree_of(into), ElementsAre("ca", "ca/ca.crt", "certs", "certs/2001:db8::1.crt",
                                         "crls", "crls/ca.crl", "export", "export/2001_db8__1.pfx",
                                         "export/ca.pfx", "export/peer.txt", "local.pub", "private",
                                         "private/2001:db8::1.key", "private/local.key"));
  EXPECT_EQ(text_of(into + "/private/local.key"), text_of(base + "/vpn/private/2001:db8::1.key"));
  EXPECT_EQ(text_of(into + "/export/peer.txt"), "192.0.2.9\n");
  EXPECT_EQ(mode_of(into + "/private"), 0750u);
  EXPECT_EQ(mode_of(into + "/private/local.key"), 0640u);
}

TEST_F(InstallTest, NothingThatLeavesHasTheAuthoritysKey) {
  user.passphrase = "secret";
  ASSERT_TRUE(open().export_authority({.folder = folder.path()}, user.get()));
  ASSERT_TRUE(open().export_certificate(host, {.folder = folder.path()}, user.get()));
  const std::string pem = text_of(base + "/vpn/private/ca.key");
  const std::string secret = pem.substr(pem.find('\n') + 1, 60);
  for (const char* file : {"ca.tgz", "2001_db8__1.tgz"}) {
    EXPECT_THAT(text_of(folder / file), Not(HasSubstr(secret))) << file;
  }
  EXPECT_THAT(tree_of(unpack("ca.tgz")),
              ElementsAre("ca", "ca/ca.crt", "crls", "crls/ca.crl", "export", "export/ca.pfx"));
}

TEST_F(InstallTest, Pkcs12NeedsAPassphrase) {
  const ExportTerms terms{.folder = folder.path(), .format = ExportFormat::pkcs12};
  EXPECT_FALSE(open().export_certificate(host, terms, user.get()));
  user.passphrase = "secret";
  ASSERT_TRUE(open().export_certificate(host, terms, user.get()));
  EXPECT_EQ(mode_of(folder / "2001_db8__1.p12"), 0600u);
  EXPECT_FALSE(open().export_certificate(host, terms, user.get()));  // not over the first
}

}  // namespace
}  // namespace iked::authority
