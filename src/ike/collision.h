// SPDX-License-Identifier: ISC
// What becomes of a request of the peer that meets work of ours on the same SA: both sides decide
// alike without a word about it. Pure functions of what is going on. RFC7296 2.8, 2.25
#pragma once

#include "base/bytes.h"

namespace iked::ike {

/// What the peer asks for, in an established IKE SA.
enum class Ask : uint8_t { create_child, rekey_child, delete_child, rekey_ike, delete_ike };

/// The request of ours that waits for its answer.
enum class Doing : uint8_t {
  nothing,  // or nothing that could collide, such as a liveness check
  create_child,
  rekey_child,
  delete_child,
  rekey_ike,
  delete_ike,  // also while the Delete is still queued
};

/// How the SAs stand that the request is about.
struct Standing {
  bool ike_replaced = false;   // another IKE SA has taken over from this one
  bool child_known = false;    // the child that is named is one of this IKE SA
  bool child_retired = false;  // a newer one has taken over from it, or lost to another one
  bool same_child = false;     // our own request is about the same child
};

struct Verdict {
  enum class Reply : uint8_t {
    serve,
    serve_silently,     // without a Delete payload of our own
    temporary_failure,  // TEMPORARY_FAILURE
    child_not_found,    // CHILD_SA_NOT_FOUND
  };
  Reply reply = Reply::serve;
  bool compare = false;     // both rekey the same: the nonces decide when both are through
  bool forget_own = false;  // our own request comes to nothing
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

Verdict decide(Ask ask, Doing doing, const Standing& standing);

/// The lower of an exchange's two nonces. RFC7296 2.8.1: octet by octet; "if you reach the end of
/// one nonce, that nonce is the lower one".
ByteView lower_nonce(ByteView nonce_i, ByteView nonce_r);

/// Of two simultaneous rekeys the one with the lowest of the four nonces loses, and whoever began
/// it deletes what it made. Each side gets the other's answer with the arguments the other way
/// round.
bool own_rekey_loses(ByteView own_lower, ByteView peer_lower);

}  // namespace iked::ike
