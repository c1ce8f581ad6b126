// SPDX-License-Identifier: ISC
#include "crypto/library_memory.h"

#include <malloc.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace iked::crypto {
namespace {

// libcrypto's signatures: with the file and line of the caller.

void* allocate(size_t size, const char*, int) {
  return std::malloc(size);
}

void release(void* block, const char*, int) {
  if (block == nullptr) return;
  explicit_bzero(block, malloc_usable_size(block));
  std::free(block);
}

void* resize(void* block, size_t size, const char* file, int line) {
  if (block == nullptr) return std::malloc(size);
  // realloc() may move the octets and leave the old ones behind.
  void* moved = size == 0 ? nullptr : std::malloc(size);
  if (moved != nullptr) std::memcpy(moved, block, std::min(size, malloc_usable_size(block)));
  if (moved != nullptr || size == 0) release(block, file, line);
  return moved;
}

}  // namespace

bool zero_library_memory() {
  return CRYPTO_set_mem_functions(allocate, resize, release) == 1;
}

}  // namespace iked::crypto
