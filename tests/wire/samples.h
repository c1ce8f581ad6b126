// SPDX-License-Identifier: ISC
// Messages such as we send them, one of each kind: what the property tests, the seeds of the fuzz
// targets and the benchmarks start from.
#pragma once

#include <string>
#include <vector>

#include "wire/message.h"

namespace iked::wire {

struct Sample {
  std::string name;
  Header header;  // without next_payload and length
  Payloads payloads;
};

/// IKE_SA_INIT request: SA, KE, Ni, N(NAT_DETECTION_*), V.
Sample sa_init_request();
/// IKE_SA_INIT response that asks for a cookie.
Sample cookie_response();
/// What IKE_AUTH seals: IDi, IDr, AUTH, N(INITIAL_CONTACT), SA, TSi, TSr, and a CERTREQ.
Sample auth_request();
/// What a CREATE_CHILD_SA seals that rekeys a child: N(REKEY_SA), SA, Ni, KE, TSi, TSr.
Sample rekey_request();
/// What an INFORMATIONAL seals: D of two ESP SAs and D of the IKE SA.
Sample delete_request();
/// What IKE_AUTH seals of a client with certificates, and with EAP: IDi, CERT, CERTREQ, CP, EAP.
Sample cert_request();
/// And what a gateway answers: CERT as hash and URL, CP with an answer of each kind, EAP success.
Sample config_response();
/// One notify of each kind of data.
Sample notify_request();
/// A liveness check: nothing at all.
Sample empty_request();

std::vector<Sample> all_samples();

/// A nonce, public value or digest for tests: `size` octets that count up from `first`.
Bytes counting(size_t size, uint8_t first = 0);

}  // namespace iked::wire
