// SPDX-License-Identifier: ISC
#include "ike/exchange/create_child_responder.h"

#include "ike/ike_sa.h"

namespace iked::ike {

Step CreateChildResponder::on_request(Context&, IkeSa& sa, const wire::Message& message) {
  const bool rekey = message.find_notify(NotifyType::REKEY_SA) != nullptr;
  return Reject{
      NotifyType::NO_ADDITIONAL_SAS,
      {},
      fmt::format(
          "peer {} asks for {}: one child SA per IKE SA here; it may come with a new IKE SA",
          to_string(sa.state().peer_id),
          rekey ? "a rekeyed child SA" : "another child SA or a rekeyed IKE SA"),
      false};
}

}  // namespace iked::ike
