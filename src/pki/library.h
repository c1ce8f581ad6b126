// SPDX-License-Identifier: ISC
// Small things that every caller of GnuTLS in this folder needs. Not for other folders.
#pragma once

#include <gnutls/abstract.h>
#include <gnutls/x509-ext.h>
#include <gnutls/x509.h>

#include "base/bytes.h"
#include "base/check.h"
#include "pki/handles.h"

namespace iked::pki {

/// The library only reads through it.
inline gnutls_datum_t datum(ByteView octets) {
  return {const_cast<unsigned char*>(octets.data()), static_cast<unsigned>(octets.size())};
}
inline ByteView view(const gnutls_datum_t& datum) {
  return {datum.data, datum.size};
}

/// What the library allocated for us.
class Owned {
 public:
  Owned() = default;
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() { gnutls_free(raw_.data); }
  gnutls_datum_t* out() { return &raw_; }
  const gnutls_datum_t* raw() const { return &raw_; }
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

}  // namespace iked::pki
