// SPDX-License-Identifier: ISC
// NIST's Public Key Interoperability Test Suite for path validation (PKITS), as Debian's package
// python3-cryptography-vectors has it, or below the folder IKED_PKITS. All its authorities and
// lists are there at once, so that the right ones must be found as well. Lists are required.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "pki/verify.h"

namespace iked::pki::test {
namespace {

namespace fs = std::filesystem;

fs::path folder() {
  const char* named = std::getenv("IKED_PKITS");
  return named != nullptr ? named
                          : "/usr/lib/python3/dist-packages/cryptography_vectors/x509/PKITS_data";
}

Bytes contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

std::vector<fs::path> files(const fs::path& in) {
  std::vector<fs::path> found;
  for (const auto& one : fs::directory_iterator(in)) found.push_back(one.path());
  std::ranges::sort(found);
  return found;
}

bool begins(const std::string& text, std::string_view with) {
  return text.starts_with(with);
}

/// Good ones that are refused, by the beginning of their names: what is not supported is refused.
const std::map<std::string, std::string> refused = {
    {"ValidDSA", "1024 bits"},
    {"ValidNameChaining", "issuer and subject differ in case or blanks"},
    {"ValidUTF8StringCaseInsensitive", "the same"},
    {"ValidRolloverfromPrintableString", "name of the list in another type of string"},
    {"ValidNegativeSerialNumber", "-1 and 255 are taken for the same"},
    {"ValidBasicSelfIssued", "list signed with a key that is not on the way to the root"},
    {"ValidSeparateCertificateandCRLKeys", "the same"},
    {"ValidIDPwithindirectCRL", "lists for a part of the certificates"},
    {"ValidcRLIssuer", "the same"},
    {"ValiddistributionPoint", "the same"},
    {"ValidonlyContains", "the same"},
    {"ValidonlySomeReasons", "the same"},
    {"ValiddeltaCRL", "lists of changes"},
    {"ValidPolicyMapping", "critical policyMappings"},
    {"ValidinhibitPolicyMapping", "the same"},
    {"ValidSelfIssuedinhibitPolicyMapping", "the same"},
    {"ValidinhibitAnyPolicy", "critical inhibitAnyPolicy"},
    {"ValidSelfIssuedinhibitAnyPolicy", "the same"},
    {"inhibitAnyPolicyTest3", "the same"},
    {"ValidrequireExplicitPolicy", "critical policyConstraints"},
    {"ValidSelfIssuedrequireExplicitPolicy", "the same"},
    {"ValidURInameConstraints", "constraints on URIs"},
};

/// Bad ones that pass.
const std::set<std::string> passed = {
    // The complete list is in force and does not have it; the list of changes is not looked at,
    // which
    // RFC5280 5.2.4 leaves to us.
    "InvaliddeltaCRLTest4EE.crt",
};

bool is_refused(const std::string& name) {
  return std::ranges::any_of(refused, [&](const auto& one) { return begins(name, one.first); });
}

/// Those for policies are called otherwise; they are all good when no policy is asked for.
bool is_good(const std::string& name) {
  return !begins(name, "Invalid");
}

TEST(Pkits, IsJudgedAsItsAuthorsDo) {
  if (!fs::exists(folder() / "certs")) GTEST_SKIP() << "PKITS is not installed";
  TrustStore store;
  std::vector<fs::path> hosts;
  for (const fs::path& path : files(folder() / "certs")) {
    const std::string name = path.filename();
    if (name.find("EE.crt") != std::string::npos)
      hosts.push_back(path);
    else
      (void)store.add_ca(contents(path), name);  // some are bad on purpose
  }
  for (const fs::path& path : files(folder() / "crls")) {
    (void)store.add_crl(contents(path), path.filename());
  }
  size_t good = 0, bad = 0;
  for (const fs::path& path : hosts) {
    const std::string name = path.filename();
    ChainRequest request{.certificates = {contents(path)}, .now = 1'700'000'000};
    request.strict_revocation = true;
    const auto leaf = Certificate::parse(request.certificates[0]);
    if (leaf) request.peer = {IdType::DER_ASN1_DN, leaf->subject_dn()};
    if (leaf && !leaf->covers(request.peer)) request.peer = leaf->names().at(0);
    const auto verdict = verify(store, request);
    (verdict ? good : bad) += 1;
    const std::string text = verdict ? verdict->how : verdict.error().text;
    if (is_good(name) && !verdict) EXPECT_TRUE(is_refused(name)) << name << ": " << text;
    if (!is_good(name) && verdict) EXPECT_EQ(passed.count(name), 1U) << name << ": " << text;
  }
  EXPECT_EQ(good, 60U);
  EXPECT_EQ(bad, 163U);
}

}  // namespace
}  // namespace iked::pki::test
