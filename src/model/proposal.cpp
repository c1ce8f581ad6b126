// SPDX-License-Identifier: ISC
#include "model/proposal.h"

namespace iked {
namespace {

void add(std::string& text, const char* keyword, const std::string& word) {
  if (!text.empty()) text += ' ';
  if (*keyword != '\0') {
    text += keyword;
    text += ' ';
  }
  text += word;
}

}  // namespace

bool is_aead(EncrId id) {
  switch (id) {
    case EncrId::AES_CCM_8:
    case EncrId::AES_CCM_12:
    case EncrId::AES_CCM_16:
    case EncrId::AES_GCM_8:
    case EncrId::AES_GCM_12:
    case EncrId::AES_GCM_16:
    case EncrId::NULL_AUTH_AES_GMAC:
    case EncrId::CHACHA20_POLY1305:
      return true;
    default:
      return false;
  }
}

std::string to_string(const Proposal& proposal) {
  std::string text;
  for (const Encr& encr : proposal.encr) add(text, "enc", to_string(encr.id, encr.key_bits));
  for (PrfId prf : proposal.prf) add(text, "prf", to_string(prf));
  for (IntegId integ : proposal.integ) add(text, "auth", to_string(integ));
  for (KeId ke : proposal.ke) add(text, "group", to_string(ke));
  for (EsnId esn : proposal.esn) add(text, "", to_string(esn));
  return text;
}

std::string to_string(const IkeSuite& suite) {
  std::string text;
  add(text, "enc", to_string(suite.encr.id, suite.encr.key_bits));
  add(text, "prf", to_string(suite.prf));
  if (suite.integ != IntegId::NONE) add(text, "auth", to_string(suite.integ));
  add(text, "group", to_string(suite.ke));
  return text;
}

std::string to_string(const ChildSuite& suite) {
  std::string text;
  if (suite.encr.id != EncrId::NONE)
    add(text, "enc", to_string(suite.encr.id, suite.encr.key_bits));
  if (suite.integ != IntegId::NONE) add(text, "auth", to_string(suite.integ));
  if (suite.ke != KeId::NONE) add(text, "group", to_string(suite.ke));
  add(text, "", to_string(suite.esn));
  return text;
}

}  // namespace iked
