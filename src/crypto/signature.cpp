// SPDX-License-Identifier: ISC
#include "crypto/signature.h"

#include <openssl/asn1.h>
#include <openssl/dsa.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>

#include "base/check.h"

namespace iked::crypto {
namespace {

struct DigestContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, DigestContextDeleter>;

const EVP_MD* digest_of(SignatureScheme scheme) {
  switch (hash_of(scheme)) {
    case HashId::SHA1:
      return EVP_sha1();
    case HashId::SHA2_256:
      return EVP_sha256();
    case HashId::SHA2_384:
      return EVP_sha384();
    case HashId::SHA2_512:
      return EVP_sha512();
    case HashId::IDENTITY:
      break;
  }
  return nullptr;
}

bool is_pss(SignatureScheme scheme) {
  return scheme == SignatureScheme::rsa_pss_sha256 || scheme == SignatureScheme::rsa_pss_sha384 ||
         scheme == SignatureScheme::rsa_pss_sha512;
}

bool set_padding(EVP_PKEY_CTX* context, SignatureScheme scheme) {
  if (!is_pss(scheme)) return true;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

struct SchemeName {
  SignatureScheme scheme;
  int nid;                      // of the AlgorithmIdentifier, for those that have no parameters
  std::string_view identifier;  // DER, in hex, as we send it: RFC7427 A, RFC8420 A
};
constexpr std::string_view pss_identifier_256 =
    "304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108"
    "300d06096086480165030402010500a203020120";
constexpr std::string_view pss_identifier_384 =
    "304106092a864886f70d01010a3034a00f300d06096086480165030402020500a11c301a06092a864886f70d010108"
    "300d06096086480165030402020500a203020130";
constexpr std::string_view pss_identifier_512 =
    "304106092a864886f70d01010a3034a00f300d06096086480165030402030500a11c301a06092a864886f70d010108"
    "300d06096086480165030402030500a203020140";
constexpr SchemeName names[] = {
    {SignatureScheme::rsa_sha1, NID_sha1WithRSAEncryption, "300d06092a864886f70d0101050500"},
    {SignatureScheme::rsa_sha256, NID_sha256WithRSAEncryption, "300d06092a864886f70d01010b0500"},
    {SignatureScheme::rsa_sha384, NID_sha384WithRSAEncryption, "300d06092a864886f70d01010c0500"},
    {SignatureScheme::rsa_sha512, NID_sha512WithRSAEncryption, "300d06092a864886f70d01010d0500"},
    {SignatureScheme::rsa_pss_sha256, NID_undef, pss_identifier_256},
    {SignatureScheme::rsa_pss_sha384, NID_undef, pss_identifier_384},
    {SignatureScheme::rsa_pss_sha512, NID_undef, pss_identifier_512},
    {SignatureScheme::ecdsa_sha256, NID_ecdsa_with_SHA256, "300a06082a8648ce3d040302"},
    {SignatureScheme::ecdsa_sha384, NID_ecdsa_with_SHA384, "300a06082a8648ce3d040303"},
    {SignatureScheme::ecdsa_sha512, NID_ecdsa_with_SHA512, "300a06082a8648ce3d040304"},
    {SignatureScheme::ed25519, NID_ED25519, "300506032b6570"},
    {SignatureScheme::ed448, NID_ED448, "300506032b6571"},
    {SignatureScheme::dsa_sha1, NID_dsaWithSHA1, "300906072a8648ce380403"},
};

struct AlgorithmFree {
  void operator()(X509_ALGOR* algorithm) const { X509_ALGOR_free(algorithm); }
};
using Algorithm = std::unique_ptr<X509_ALGOR, AlgorithmFree>;

int nid_of(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
  return OBJ_obj2nid(object);
}

/// MGF1 with the hash of the signature, a salt as long as that: the only sort of PSS that is used.
Result<SignatureScheme> read_pss(const X509_ALGOR* algorithm) {
  struct Free {
    void operator()(RSA_PSS_PARAMS* parameters) const { RSA_PSS_PARAMS_free(parameters); }
  };
  int type = 0;
  const void* content = nullptr;
  X509_ALGOR_get0(nullptr, &type, &content, algorithm);
  if (type != V_ASN1_SEQUENCE) return fail("RSA-PSS without parameters is RSA-PSS with SHA-1");
  const std::unique_ptr<RSA_PSS_PARAMS, Free> parameters(static_cast<RSA_PSS_PARAMS*>(
      ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(RSA_PSS_PARAMS), algorithm->parameter)));
  ERR_clear_error();
  if (parameters == nullptr) return fail("the parameters of RSA-PSS cannot be read");
  if (parameters->hashAlgorithm == nullptr || parameters->maskGenAlgorithm == nullptr ||
      nid_of(parameters->maskGenAlgorithm) != NID_mgf1) {
    return fail("RSA-PSS is taken with SHA2 and MGF1 alone");
  }
  const Algorithm mask_hash(static_cast<X509_ALGOR*>(ASN1_TYPE_unpack_sequence(
      ASN1_ITEM_rptr(X509_ALGOR), parameters->maskGenAlgorithm->parameter)));
  ERR_clear_error();
  const int hash = nid_of(parameters->hashAlgorithm);
  if (mask_hash == nullptr || nid_of(mask_hash.get()) != hash) {
    return fail("RSA-PSS is taken with one hash for all of it");
  }
  const long salt =
      parameters->saltLength == nullptr ? 20 : ASN1_INTEGER_get(parameters->saltLength);
  const long trailer =
      parameters->trailerField == nullptr ? 1 : ASN1_INTEGER_get(parameters->trailerField);
  if (trailer != 1) return fail("RSA-PSS has no trailer {}", trailer);
  if (hash == NID_sha256 && salt == 32) return SignatureScheme::rsa_pss_sha256;
  if (hash == NID_sha384 && salt == 48) return SignatureScheme::rsa_pss_sha384;
  if (hash == NID_sha512 && salt == 64) return SignatureScheme::rsa_pss_sha512;
  return fail("RSA-PSS is taken with SHA2 and a salt as long as the hash, not of {} octets", salt);
}

Result<SignatureScheme> read_identifier(ByteView der) {
  const uint8_t* at = der.data();
  const Algorithm algorithm(d2i_X509_ALGOR(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (algorithm == nullptr || at != der.data() + der.size()) {
    return fail("the name of the signature algorithm cannot be read");
  }
  const int nid = nid_of(algorithm.get());
  if (nid == NID_rsassaPss) return read_pss(algorithm.get());
  int type = 0;
  X509_ALGOR_get0(nullptr, &type, nullptr, algorithm.get());
  for (const SchemeName& each : names) {
    if (each.nid == nid && (type == V_ASN1_UNDEF || type == V_ASN1_NULL)) return each.scheme;
  }
  std::array<char, 80> text{};
  OBJ_obj2txt(text.data(), text.size(), algorithm->algorithm, /*no_name=*/1);
  return fail("the signature algorithm {} is not known", text.data());
}

/// RFC4754 7: r and s side by side, each as long as the curve's order.
Result<Bytes> to_der(ByteView raw, size_t half) {
  if (raw.size() != 2 * half) {
    return fail("the signature has {} octets instead of {}", raw.size(), 2 * half);
  }
  struct Free {
    void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
  };
  const std::unique_ptr<ECDSA_SIG, Free> signature(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(raw.data(), static_cast<int>(half), nullptr);
  BIGNUM* s = BN_bin2bn(raw.data() + half, static_cast<int>(half), nullptr);
  IKED_CHECK(signature != nullptr && ECDSA_SIG_set0(signature.get(), r, s) == 1);
  uint8_t* der = nullptr;
  const int length = i2d_ECDSA_SIG(signature.get(), &der);
  IKED_CHECK(length > 0);
  Bytes out(der, der + length);
  OPENSSL_free(der);
  return out;
}

Bytes to_raw(ByteView der, size_t half) {
  const uint8_t* at = der.data();
  ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  IKED_CHECK(signature != nullptr);
  Bytes out(2 * half);
  const int width = static_cast<int>(half);
  const bool fit = BN_bn2binpad(ECDSA_SIG_get0_r(signature), out.data(), width) == width &&
                   BN_bn2binpad(ECDSA_SIG_get0_s(signature), out.data() + half, width) == width;
  IKED_CHECK(fit);  // whoever chose the method knew the key
  ECDSA_SIG_free(signature);
  return out;
}

/// Of one of r and s; 0 for methods that have no such form.
size_t half_of(AuthMethod method) {
  switch (method) {
    case AuthMethod::ECDSA_256:
      return 32;
    case AuthMethod::ECDSA_384:
      return 48;
    case AuthMethod::ECDSA_521:
      return 66;
    case AuthMethod::DSS_SIGNATURE:
      return 20;
    default:
      return 0;
  }
}

}  // namespace

Result<void> PublicKey::verify(SignatureScheme scheme, ByteView octets, ByteView signature) const {
  if (!fits(scheme, kind_)) return fail("{} is not for {} keys", to_string(scheme), name());
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  const bool good = EVP_DigestVerifyInit(context.get(), &parameters, digest_of(scheme), nullptr,
                                         key_.get()) == 1 &&
                    set_padding(parameters, scheme) &&
                    EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                                     octets.data(), octets.size()) == 1;
  ERR_clear_error();
  if (!good) return fail("the signature is not of this key and these messages");
  return {};
}

Result<Bytes> PrivateKey::sign(SignatureScheme scheme, ByteView octets) const {
  if (!fits(scheme, public_.kind())) {
    return fail("{} is not for {} keys", to_string(scheme), public_.name());
  }
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  size_t length = 0;
  if (EVP_DigestSignInit(context.get(), &parameters, digest_of(scheme), nullptr, key_.get()) == 1 &&
      set_padding(parameters, scheme) &&
      EVP_DigestSign(context.get(), nullptr, &length, octets.data(), octets.size()) == 1) {
    Bytes signature(length);
    if (EVP_DigestSign(context.get(), signature.data(), &length, octets.data(), octets.size()) ==
        1) {
      signature.resize(length);
      return signature;
    }
  }
  ERR_clear_error();
  return fail("the private key ({}) did not sign with {}", public_.name(), to_string(scheme));
}

Result<AuthSignature> read_auth_data(AuthMethod method, ByteView data) {
  switch (method) {
    case AuthMethod::RSA_SIGNATURE:
      return AuthSignature{SignatureScheme::rsa_sha1, to_bytes(data)};
    case AuthMethod::DSS_SIGNATURE:
    case AuthMethod::ECDSA_256:
    case AuthMethod::ECDSA_384:
    case AuthMethod::ECDSA_521: {
      Result<Bytes> der = to_der(data, half_of(method));
      if (!der) return fail(der);
      const SignatureScheme scheme =
          method == AuthMethod::DSS_SIGNATURE ? SignatureScheme::dsa_sha1
          : method == AuthMethod::ECDSA_256   ? SignatureScheme::ecdsa_sha256
          : method == AuthMethod::ECDSA_384   ? SignatureScheme::ecdsa_sha384
                                              : SignatureScheme::ecdsa_sha512;
      return AuthSignature{scheme, std::move(*der)};
    }
    case AuthMethod::DIGITAL_SIGNATURE: {
      // RFC7427 3: one octet of length, the AlgorithmIdentifier, the signature.
      if (data.empty() || data.size() < size_t{1} + data[0]) {
        return fail("the signature ends in the name of its algorithm");
      }
      Result<SignatureScheme> scheme = read_identifier(data.subspan(1, data[0]));
      if (!scheme) return fail(scheme);
      return AuthSignature{*scheme, to_bytes(data.subspan(size_t{1} + data[0]))};
    }
    default:
      return fail("{} is no signature", to_string(method));
  }
}

Bytes write_auth_data(AuthMethod method, SignatureScheme scheme, ByteView signature) {
  if (const size_t half = half_of(method); half != 0) return to_raw(signature, half);
  if (method == AuthMethod::RSA_SIGNATURE) return to_bytes(signature);
  IKED_CHECK(method == AuthMethod::DIGITAL_SIGNATURE);
  const SchemeName& name = names[static_cast<size_t>(scheme)];
  IKED_CHECK(name.scheme == scheme);
  const Bytes identifier = from_hex(name.identifier).value();
  Bytes out{static_cast<uint8_t>(identifier.size())};
  append(out, identifier);
  append(out, signature);
  return out;
}

}  // namespace iked::crypto
