// SPDX-License-Identifier: ISC
#include "pki/trust.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "pki/maker.h"

namespace iked::pki::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(TrustStore, KeepsRootsAndIntermediatesOnce) {
  const Made root = make_ca({.subject = "CN=root"});
  const Made middle = make_ca({.subject = "CN=middle", .issuer = &root});
  TrustStore store;
  for (const Made* one : {&root, &middle, &root}) ASSERT_TRUE(store.add_ca(one->der, "a.crt"));
  ASSERT_EQ(store.authorities().size(), 2U);
  EXPECT_TRUE(store.authorities()[0].self_signed);
  EXPECT_FALSE(store.authorities()[1].self_signed);

  EXPECT_THAT(store.anchor_hashes(false), ElementsAre(read(root).public_key_hash()));
  const auto all = store.anchor_hashes(true);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_LT(all[0], all[1]);
}

TEST(TrustStore, HashesAreSorted) {
  TrustStore store;
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(store.add_ca(make_ca({.subject = "CN=" + std::to_string(i)}).der, "a.crt"));
  }
  const auto hashes = store.anchor_hashes(false);
  EXPECT_EQ(hashes.size(), 6U);
  EXPECT_TRUE(std::ranges::is_sorted(hashes));
}

TEST(TrustStore, HasTheHashOfOneKeyOnce) {
  const Made first = make_ca({.subject = "CN=first"});
  const Made again = make_ca({.subject = "CN=again", .key = first.key});
  TrustStore store;
  ASSERT_TRUE(store.add_ca(first.der, "a.crt"));
  ASSERT_TRUE(store.add_ca(again.der, "b.crt"));
  EXPECT_THAT(store.anchor_hashes(false), ElementsAre(read(first).public_key_hash()));
}

TEST(TrustStore, RefusesWhatIsOfNoUse) {
  const Made root = make_ca({.subject = "CN=root"});
  TrustStore store;
  const auto refusal = [&](const Bytes& der) {
    const auto added = store.add_ca(der, "a.crt");
    return added ? "" : added.error().text;
  };
  EXPECT_THAT(refusal(make({.issuer = &root}).der), HasSubstr("neither that of an authority nor"));
  EXPECT_THAT(refusal(make_ca({.key = new_key(GNUTLS_PK_RSA, 1024)}).der),
              HasSubstr("a.crt: the key of /O=Example/CN=gw.example.com is RSA with 1024 bits"));
  EXPECT_THAT(refusal({1, 2, 3}), HasSubstr("a.crt: not a certificate"));
  EXPECT_TRUE(store.authorities().empty());
}

TEST(RevocationList, IsRead) {
  const Made root = make_ca({.subject = "CN=root"});
  const Made first = make({.issuer = &root}), second = make({.issuer = &root});
  const auto list = RevocationList::parse(make_list({.issuer = &root, .revoked = {&first}}));
  ASSERT_TRUE(list) << list.error().text;
  EXPECT_EQ(list->issuer(), "/CN=root");
  EXPECT_EQ(list->this_update(), now - day);
  EXPECT_EQ(list->next_update(), now + 30 * day);
  EXPECT_TRUE(list->has(read(first).serial()));
  EXPECT_FALSE(list->has(read(second).serial()));
  EXPECT_TRUE(list->is_signed_by(read(root)));
  EXPECT_FALSE(list->is_signed_by(read(make_ca({.subject = "CN=root"}))));
  EXPECT_FALSE(list->is_signed_by(read(make_ca({.subject = "CN=other", .key = root.key}))));
}

TEST(RevocationList, HasSerialsInAnyOrder) {
  const Made root = make_ca({.subject = "CN=root"});
  std::vector<Made> made;
  for (int i = 0; i < 5; ++i) made.push_back(make({.issuer = &root}));
  const auto list = RevocationList::parse(
      make_list({.issuer = &root, .revoked = {&made[3], &made[1], &made[4], &made[0], &made[2]}}));
  ASSERT_TRUE(list);
  EXPECT_EQ(list->size(), 5U);
  for (const Made& one : made) EXPECT_TRUE(list->has(read(one).serial()));
}

TEST(RevocationList, BrokenIsRefused) {
  const Made root = make_ca({.subject = "CN=root"});
  const Made first = make({.issuer = &root});
  const Bytes good = make_list({.issuer = &root, .revoked = {&first}});
  for (size_t size = 0; size < good.size(); ++size) {
    ASSERT_FALSE(RevocationList::parse(ByteView(good).first(size))) << size;
  }
  Bytes more = good;
  more.push_back(0);
  EXPECT_FALSE(RevocationList::parse(more));
  const Certificate issuer = read(root);
  for (size_t i = 0; i < good.size(); ++i) {
    Bytes bent = good;
    bent[i] ^= static_cast<uint8_t>(1U << i % 8);
    const auto list = RevocationList::parse(bent);
    ASSERT_FALSE(list && list->is_signed_by(issuer)) << i;
  }
}

TEST(RevocationList, ForAPartOfTheCertificatesIsRefused) {
  const auto refusal = [](const std::string& name) {
    const auto list = RevocationList::parse(data_file(name));
    return list ? "" : list.error().text;
  };
  EXPECT_EQ(refusal("list-harmless.der"), "");
  EXPECT_THAT(refusal("list-part.der"), HasSubstr("for a part of its certificates"));
  EXPECT_THAT(refusal("list-changes.der"), HasSubstr("or has changes only"));
  EXPECT_THAT(refusal("list-strange.der"),
              HasSubstr("/CN=lists has the critical extension 1.3.6.1.4.1.99999.1"));
}

TEST(RevocationList, TooLongIsRefused) {
  const auto list = RevocationList::parse(Bytes(RevocationList::longest + 1, 0x30));
  ASSERT_FALSE(list);
  EXPECT_THAT(list.error().text, HasSubstr("at most 8388608"));
}

TEST(RevocationList, WeakSignatureIsRefused) {
  const Made root = make_ca({.subject = "CN=root"});
  const auto list = RevocationList::parse(make_list({.issuer = &root, .digest = GNUTLS_DIG_SHA1}));
  ASSERT_FALSE(list);
  EXPECT_THAT(list.error().text, HasSubstr("/CN=root is signed with ECDSA-SHA1"));
}

}  // namespace
}  // namespace iked::pki::test
