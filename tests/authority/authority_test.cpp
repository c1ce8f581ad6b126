// SPDX-License-Identifier: ISC
#include "authority/authority.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "authority/fixture.h"

namespace iked::authority {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class AuthorityTest : public testing::Test {
 protected:
  Outcome<void> create(const NewAuthority& wanted = {.terms = {.common_name = "vpn"}}) {
    return Authority::create(base, name, wanted, user.get());
  }
  Authority open() {
    auto ca = Authority::open(base, name, user.get());
    EXPECT_TRUE(ca) << ca.error().text;
    return std::move(*ca);
  }
  Outcome<void> issue(const std::string& host, KeyType type = KeyType::p256) {
    return open().create_certificate({.host = *Host::parse(host)}, type, user.get());
  }
  Certificate certificate(const std::string& file) const {
    return *Certificate::from_pem(as_bytes(text_of(folder / "ssl/vpn/" + file)), file);
  }
  RevocationList list() const {
    return *RevocationList::from_pem(as_bytes(text_of(folder / "ssl/vpn/ca.crl")), "ca.crl");
  }

  const Folder folder;
  const std::string base = folder / "ssl";
  const CaName name = *CaName::parse("vpn");
  TestOperator user;
};

TEST_F(AuthorityTest, IsCreatedWithItsFilesAndModes) {
  ASSERT_TRUE(create());
  EXPECT_THAT(tree_of(base), ElementsAre("vpn", "vpn/ca.crl", "vpn/ca.crt", "vpn/index.txt",
                                         "vpn/private", "vpn/private/ca.key"));
  EXPECT_EQ(mode_of(base + "/vpn"), 0755u);
  EXPECT_EQ(mode_of(base + "/vpn/private"), 0700u);
  EXPECT_EQ(mode_of(base + "/vpn/private/ca.key"), 0600u);
  EXPECT_EQ(mode_of(base + "/vpn/ca.crt"), 0644u);
  EXPECT_TRUE(certificate("ca.crt").is_ca());
  EXPECT_TRUE(list().is_issued_by(certificate("ca.crt")));
  EXPECT_THAT(user.said(), HasSubstr("not encrypted"));
}

TEST_F(AuthorityTest, IsNotCreatedOverAnother) {
  ASSERT_TRUE(create());
  const std::string before = text_of(base + "/vpn/private/ca.key");
  user.yes = true;
  const auto again = create();
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().text, HasSubstr("exists already"));
  EXPECT_EQ(text_of(base + "/vpn/private/ca.key"), before);
}

TEST_F(AuthorityTest, FolderOfOthersIsLeftAlone) {
  // As /etc/ssl/certs: OpenIKED's ikectl would have written into it, and removed it.
  std::filesystem::create_directories(base + "/vpn");
  write_text(base + "/vpn/something", "");
  EXPECT_THAT(create().error().text, HasSubstr("not a CA's"));
  const auto opened = Authority::open(base, name, user.get());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, Failure::Kind::not_found);
}

TEST_F(AuthorityTest, RefusedOneLeavesNothing) {
  EXPECT_FALSE(create({.terms = {.common_name = "vpn", .subject = "nonsense"}}));
  EXPECT_FALSE(create({.terms = {.common_name = "vpn", .days = 0}}));
  EXPECT_THAT(tree_of(base), IsEmpty());
}

TEST_F(AuthorityTest, MissingOneIsNotFound) {
  const auto none = Authority::open(base, name, user.get());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, Failure::Kind::not_found);
  EXPECT_THAT(none.error().text, HasSubstr("ikectl ca vpn create"));
}

TEST_F(AuthorityTest, PassphraseGuardsItsKey) {
  user.passphrase = "secret";
  ASSERT_TRUE(create());
  EXPECT_THAT(text_of(base + "/vpn/private/ca.key"), HasSubstr("ENCRYPTED"));
  ASSERT_TRUE(issue("a.example"));
  user.passphrase = "wrong";
  const auto wrong = issue("b.example");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().text, HasSubstr("wrong passphrase for"));
  EXPECT_FALSE(open().revoke(*Host::parse("a.example"), user.get()));
  EXPECT_FALSE(open().renew_list(user.get()));
  user.passphrase = "";
  EXPECT_THAT(issue("b.example").error().text, HasSubstr("--password-file"));
  EXPECT_THAT(tree_of(base + "/vpn"),
              ElementsAre("a.example.crt", "ca.crl", "ca.crt", "index.txt", "private",
                          "private/a.example.key", "private/ca.key"));
  EXPECT_THAT(list().revoked(), IsEmpty());
}

TEST_F(AuthorityTest, PassphraseThatOpenIkedKeptIsUsed) {
  user.passphrase = "secret";
  ASSERT_TRUE(create());
  write_text(base + "/vpn/ikeca.passwd", "secret\nsecret\n");
  user.passphrase = "";
  EXPECT_TRUE(issue("a.example"));
}

TEST_F(AuthorityTest, CertificateComesWithAKeyOfItsOwn) {
  ASSERT_TRUE(create());
  ASSERT_TRUE(issue("192.0.2.1", KeyType::ed25519));
  EXPECT_EQ(mode_of(base + "/vpn/private/192.0.2.1.key"), 0600u);
  EXPECT_EQ(mode_of(base + "/vpn/192.0.2.1.crt"), 0644u);
  EXPECT_TRUE(certificate("192.0.2.1.crt").is_issued_by(certificate("ca.crt")));
  EXPECT_THAT(user.said(), HasSubstr(base + "/vpn/private/192.0.2.1.key written"));
  EXPECT_THAT(user.said(), HasSubstr(base + "/vpn/192.0.2.1.crt written: IPv4 address"));
}

TEST_F(AuthorityTest, KeyThatIsThereIsUsed) {
  ASSERT_TRUE(create());
  const Host host = *Host::parse("a.example");
  ASSERT_TRUE(open().create_key(host, KeyType::ed25519, user.get()));
  const std::string key = text_of(base + "/vpn/private/a.example.key");
  ASSERT_TRUE(open().create_key(host, KeyType::p256, user.get()));
  ASSERT_TRUE(issue("a.example"));
  EXPECT_EQ(text_of(base + "/vpn/private/a.example.key"), key);
  EXPECT_THAT(certificate("a.example.crt").full_text(), HasSubstr("Ed25519"));
}

TEST_F(AuthorityTest, CertificateIsReplacedOnlyWhenTheOperatorAgrees) {
  ASSERT_TRUE(create());
  ASSERT_TRUE(issue("a.example"));
  const Bytes first = certificate("a.example.crt").serial();
  EXPECT_THAT(issue("a.example").error().text, HasSubstr("already a certificate"));
  EXPECT_EQ(certificate("a.example.crt").serial(), first);
  EXPECT_THAT(user.questions, ElementsAre("replace " + base + "/vpn/a.example.crt"));
  user.yes = true;
  ASSERT_TRUE(issue("a.example"));
  EXPECT_NE(certificate("a.example.crt").serial(), first);
}

TEST_F(AuthorityTest, RevokedIsEachCertificateTheHostEverHad) {
  ASSERT_TRUE(create());
  user.yes = true;
  ASSERT_TRUE(issue("a.example"));
  const Bytes first = certificate("a.example.crt").serial();
  ASSERT_TRUE(issue("a.example"));
  const Bytes second = certificate("a.example.crt").serial();
  ASSERT_TRUE(issue("b.example"));
  const uint64_t number = list().number();
  ASSERT_TRUE(open().revoke(*Host::parse("a.example"), user.get()));
  std::vector<Bytes> serials;
  for (const Revoked& one : list().revoked()) serials.push_back(one.serial);
  EXPECT_THAT(serials, testing::UnorderedElementsAre(first, second));
  EXPECT_GT(list().number(), number);
}

TEST_F(AuthorityTest, RevokedStaysRevoked) {
  ASSERT_TRUE(create());
  for (const char* host : {"a.example", "b.example"}) {
    ASSERT_TRUE(issue(host));
    ASSERT_TRUE(open().revoke(*Host::parse(host), user.get()));
  }
  EXPECT_EQ(list().revoked().size(), 2u);
  ASSERT_TRUE(open().renew_list(user.get()));
  EXPECT_EQ(list().revoked().size(), 2u);
  ASSERT_TRUE(open().revoke(*Host::parse("a.example"), user.get()));
  EXPECT_EQ(list().revoked().size(), 2u);
  EXPECT_THAT(user.lines, Contains("'a.example' was revoked before"));
}

TEST_F(AuthorityTest, LostListIsMadeAgainFromTheIndexAndIsNewer) {
  ASSERT_TRUE(create());
  ASSERT_TRUE(issue("a.example"));
  ASSERT_TRUE(open().revoke(*Host::parse("a.example"), user.get()));
  const uint64_t number = list().number();
  std::filesystem::remove(base + "/vpn/ca.crl");
  user.now += 60;
  ASSERT_TRUE(open().renew_list(user.get()));
  EXPECT_EQ(list().revoked().size(), 1u);
  EXPECT_GT(list().number(), number);
}

TEST_F(AuthorityTest, LostIndexDoesNotBringTheRevokedBack) {
  ASSERT_TRUE(create());
  ASSERT_TRUE(issue("a.example"));
  ASSERT_TRUE(open().revoke(*Host::parse("a.example"), user.get()));
  std::filesystem::remove(base + "/vpn/index.txt");
  ASSERT_TRUE(open().renew_list(user.get()));
  EXPECT_EQ(list().revoked().size(), 1u);
}

TEST_F(AuthorityTest, DamagedListIsNotSilentlyReplaced) {
  ASSERT_TRUE(create());
  ASSERT_TRUE(issue("a.example"));
  write_text(base + "/vpn/ca.crl", "nonsense");
  const auto refused = open().revoke(*Host::parse("a.example"), user.get());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text, HasSubstr("no revocation list in PEM"));
  EXPECT_EQ(text_of(base + "/vpn/ca.crl"), "nonsense");
}

TEST_F(AuthorityTest, DeletedCertificateCanStillBeRevoked) {
  ASSERT_TRUE(create());
  ASSERT_TRUE(issue("a.example"));
  ASSERT_TRUE(open().remove_certificate(*Host::parse("a.example"), user.get()));
  EXPECT_THAT(tree_of(base + "/vpn"), Not(Contains(HasSubstr("a.example"))));
  EXPECT_THAT(user.said(), HasSubstr("certificate a.example revoke"));
  ASSERT_TRUE(open().revoke(*Host::parse("a.example"), user.get()));
  EXPECT_EQ(list().revoked().size(), 1u);
}

TEST_F(AuthorityTest, UnknownHostIsNotFound) {
  ASSERT_TRUE(create());
  const Host host = *Host::parse("a.example");
  auto ca = open();
  for (const auto& outcome :
       {ca.revoke(host, user.get()), ca.remove_certificate(host, user.get()),
        ca.remove_key(host, user.get()), ca.install_key(host, {folder / "e"}, user.get()),
        ca.install_certificate(host, {folder / "e"}, user.get()),
        ca.export_certificate(host, {.folder = folder.path()}, user.get()),
        ca.show(host, user.get())}) {
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, Failure::Kind::not_found) << outcome.error().text;
  }
}

TEST_F(AuthorityTest, KeyIsDeletedAloneAndOnlyOnce) {
  ASSERT_TRUE(create());
  ASSERT_TRUE(issue("a.example"));
  ASSERT_TRUE(open().remove_key(*Host::parse("a.example"), user.get()));
  EXPECT_THAT(tree_of(base + "/vpn"), Not(Contains("private/a.example.key")));
  EXPECT_THAT(tree_of(base + "/vpn"), Contains("a.example.crt"));
  EXPECT_EQ(open().remove_key(*Host::parse("a.example"), user.get()).error().kind,
            Failure::Kind::not_found);
}

TEST_F(AuthorityTest, ImportedKeyIsCheckedAndKeptForItsOwner) {
  ASSERT_TRUE(create());
  const Host host = *Host::parse("a.example");
  const PrivateKey key = PrivateKey::generate(KeyType::p384);
  const auto passphrase = Passphrase::make(as_bytes("secret"));
  write_text(folder / "plain", std::string(as_text(key.to_pem()->reveal())));
  write_text(folder / "locked", std::string(as_text(key.to_pem(&*passphrase)->reveal())));
  write_text(folder / "garbage", "x");
  EXPECT_FALSE(open().import_key(host, folder / "garbage", user.get()));
  EXPECT_FALSE(open().import_key(host, folder / "none", user.get()));
  EXPECT_FALSE(open().import_key(host, folder / "locked", user.get()));
  ASSERT_TRUE(open().import_key(host, folder / "plain", user.get()));
  EXPECT_FALSE(open().import_key(host, folder / "plain", user.get()));  // not over another
  user.passphrase = "secret";
  user.yes = true;
  ASSERT_TRUE(open().import_key(host, folder / "locked", user.get()));
  EXPECT_EQ(mode_of(base + "/vpn/private/a.example.key"), 0600u);
  EXPECT_EQ(text_of(base + "/vpn/private/a.example.key"), text_of(folder / "plain"));
}

TEST_F(AuthorityTest, IsDeletedWholeButNotItsNeighbours) {
  ASSERT_TRUE(create());
  ASSERT_TRUE(issue("a.example"));
  std::filesystem::create_directories(base + "/certs");
  write_text(base + "/certs/precious", "");
  ASSERT_EQ(symlink((base + "/certs").c_str(), (base + "/vpn/link").c_str()), 0);
  EXPECT_FALSE(open().remove(user.get()));  // the operator says no
  EXPECT_THAT(tree_of(base), Contains("vpn/private/ca.key"));
  user.yes = true;
  ASSERT_TRUE(open().remove(user.get()));
  EXPECT_THAT(tree_of(base), ElementsAre("certs", "certs/precious"));
}

TEST_F(AuthorityTest, ListingIsSortedAndHasTheState) {
  ASSERT_TRUE(create());
  for (const char* host : {"b.example", "a.example", "192.0.2.1"}) ASSERT_TRUE(issue(host));
  ASSERT_TRUE(open().revoke(*Host::parse("a.example"), user.get()));
  EXPECT_THAT(*open().hosts(), ElementsAre("192.0.2.1", "a.example", "b.example"));
  user.lines.clear();
  ASSERT_TRUE(open().show(user.get()));
  std::vector<std::string> picked;
  for (const std::string& line : user.lines) {
    if (line.starts_with("subject=") || line.starts_with("status=")) picked.push_back(line);
  }
  EXPECT_THAT(picked, ElementsAre("subject=CN=vpn", "status=valid, 3650 days left",
                                  "subject=CN=192.0.2.1", "status=valid, 365 days left",
                                  "subject=CN=a.example", "status=revoked Nov 23 07:57:19 2026 GMT",
                                  "subject=CN=b.example", "status=valid, 365 days left"));
  user.now += 366 * one_day;
  user.lines.clear();
  ASSERT_TRUE(open().show(*Host::parse("b.example"), user.get()));
  EXPECT_EQ(user.lines.back(), "status=expired");
}

TEST_F(AuthorityTest, HostLocalIsThisMachine) {
  ASSERT_TRUE(create());
  char name_buffer[256] = "";
  ASSERT_EQ(gethostname(name_buffer, sizeof name_buffer - 1), 0);
  const auto real = Host::parse(name_buffer);
  if (!real) GTEST_SKIP() << "the name of this machine is none";
  ASSERT_TRUE(issue("local"));
  EXPECT_EQ(certificate("local.crt").subject(), "CN=" + real->common_name());
}

}  // namespace
}  // namespace iked::authority
