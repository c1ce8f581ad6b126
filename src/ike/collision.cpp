// SPDX-License-Identifier: ISC
#include "ike/collision.h"

#include <algorithm>

namespace iked::ike {
namespace {

using Reply = Verdict::Reply;

bool lower(ByteView a, ByteView b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
}

Verdict on_rekey_child(Doing doing, const Standing& standing) {
  // RFC7296 2.25.2: "If a peer receives a request to create or rekey a Child SA when it is
  // currently rekeying the IKE SA, it SHOULD reply with TEMPORARY_FAILURE."
  if (doing == Doing::rekey_ike) return {Reply::temporary_failure};
  // It may be the one that our request makes: the peer has it by now, and its answer is on the way.
  const bool makes_one = doing == Doing::create_child || doing == Doing::rekey_child;
  if (!standing.child_known && makes_one) return {Reply::temporary_failure};
  // RFC7296 2.25.1: "If a peer receives a request to rekey a Child SA that does not exist, it
  // SHOULD reply with CHILD_SA_NOT_FOUND."
  if (!standing.child_known) return {Reply::child_not_found};
  // RFC7296 2.25.1: "... to rekey a Child SA that it is currently trying to close, it SHOULD reply
  // with TEMPORARY_FAILURE." One that was replaced is about to be closed.
  if (standing.child_retired || (doing == Doing::delete_child && standing.same_child)) {
    return {Reply::temporary_failure};
  }
  // RFC7296 2.25.1: "... to rekey a Child SA that it is currently rekeying, it SHOULD reply as
  // usual, and SHOULD prepare to close redundant SAs later based on the nonces"
  return {Reply::serve, doing == Doing::rekey_child && standing.same_child};
}

Verdict on_rekey_ike(Doing doing) {
  switch (doing) {
    // RFC7296 2.25.1: "If a peer receives a request to rekey the IKE SA, and it is currently
    // creating, rekeying, or closing a Child SA of that IKE SA, it SHOULD reply with
    // TEMPORARY_FAILURE."
    case Doing::create_child:
    case Doing::rekey_child:
    case Doing::delete_child:
    // RFC7296 2.25.2: "... to rekey an IKE SA that it is currently trying to close, it SHOULD reply
    // with TEMPORARY_FAILURE."
    case Doing::delete_ike:
      return {Reply::temporary_failure};
    // RFC7296 2.25.2: "... to rekey an IKE SA that it is currently rekeying, it SHOULD reply as
    // usual, and SHOULD prepare to close redundant SAs and move inherited Child SAs later"
    case Doing::rekey_ike:
      return {Reply::serve, true};
    case Doing::nothing:
      break;
  }
  return {};
}

}  // namespace

Verdict decide(Ask ask, Doing doing, const Standing& standing) {
  // RFC7296 2.25.2: a request to close the IKE SA is answered as usual, whatever we are at, "and
  // forget about its own" request.
  if (ask == Ask::delete_ike) return {Reply::serve, false, doing != Doing::nothing};
  if (ask == Ask::delete_child) {
    // RFC7296 1.4.1, 2.25.1: what does not exist, or is being closed by us, is not named again.
    const bool crossing = doing == Doing::delete_child && standing.same_child;
    return {standing.child_known && !crossing ? Reply::serve : Reply::serve_silently};
  }
  // RFC7296 2.8.2: an IKE SA that was rekeyed is one "that it is currently trying to close (whether
  // or not it has already sent the delete notification for the SA)".
  if (standing.ike_replaced || doing == Doing::delete_ike) return {Reply::temporary_failure};
  switch (ask) {
    case Ask::create_child:
      return {doing == Doing::rekey_ike ? Reply::temporary_failure : Reply::serve};
    case Ask::rekey_child:
      return on_rekey_child(doing, standing);
    default:
      return on_rekey_ike(doing);
  }
}

ByteView lower_nonce(ByteView nonce_i, ByteView nonce_r) {
  return lower(nonce_r, nonce_i) ? nonce_r : nonce_i;
}

bool own_rekey_loses(ByteView own_lower, ByteView peer_lower) {
  return lower(own_lower, peer_lower);
}

}  // namespace iked::ike
