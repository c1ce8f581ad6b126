// SPDX-License-Identifier: ISC
// Small things that every caller of GnuTLS in this folder needs. Not for other folders.
#pragma once

#include <gnutls/abstract.h>
#include <gnutls/pkcs12.h>
#include <gnutls/x509.h>

#include "authority/failure.h"
#include "authority/handles.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/secret.h"

namespace iked::authority {

/// The library only reads through it.
inline gnutls_datum_t datum(ByteView octets) {
  return {const_cast<unsigned char*>(octets.data()), static_cast<unsigned>(octets.size())};
}

/// What the library allocated for us. Zeroed when it goes: it may be a key.
class Owned {
 public:
  Owned() = default;
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() {
    if (raw_.data != nullptr) explicit_bzero(raw_.data, raw_.size);
    gnutls_free(raw_.data);
  }
  gnutls_datum_t* out() { return &raw_; }
  ByteView view() const { return {raw_.data, raw_.size}; }

 private:
  gnutls_datum_t raw_{};
};

/// A new empty object. That fails only without memory.
template <typename T, typename Init>
Handle<T> fresh(Init init) {
  T* raw = nullptr;
  IKED_CHECK(init(&raw) == GNUTLS_E_SUCCESS);
  return Handle<T>(raw);
}

inline std::unexpected<Failure> library_failure(std::string_view what, int code) {
  return fail_as(Failure::Kind::failed, "{}: {}", what, gnutls_strerror(code));
}

/// The first code that is not success, for a chain of calls.
class Steps {
 public:
  void operator()(int code) {
    if (code_ >= 0 && code < 0) code_ = code;
  }
  int failed() const { return code_ < 0 ? code_ : 0; }

 private:
  int code_ = 0;
};

}  // namespace iked::authority
