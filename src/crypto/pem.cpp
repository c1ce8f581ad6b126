// SPDX-License-Identifier: ISC
#include "crypto/pem.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <memory>

namespace iked::crypto {
namespace {

struct BioFree {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

}  // namespace

std::vector<PemBlock> parse_pem_blocks(ByteView content) {
  std::vector<PemBlock> blocks;
  const std::unique_ptr<BIO, BioFree> reader(
      BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
  char* label = nullptr;
  char* header = nullptr;
  uint8_t* octets = nullptr;
  long length = 0;
  while (PEM_read_bio(reader.get(), &label, &header, &octets, &length) == 1) {
    blocks.push_back({label, Bytes(octets, octets + length)});
    OPENSSL_free(label);
    OPENSSL_free(header);
    OPENSSL_free(octets);
  }
  ERR_clear_error();
  if (blocks.empty() && !content.empty()) blocks.push_back({"", to_bytes(content)});
  return blocks;
}

}  // namespace iked::crypto
