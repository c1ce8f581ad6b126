// SPDX-License-Identifier: ISC
// The members of a model::Config for archive.h. Whoever adds a member to one of these structs is
// sent here by the compiler.
#pragma once

#include "keeper/archive.h"
#include "model/config.h"

namespace iked::keeper {

IKED_MEMBERS(Location, file, line, column);
IKED_MEMBERS(HostName, name, length);
IKED_MEMBERS(FlowEnd, host, port);
IKED_MEMBERS(Flow, local, remote, nat_source);
IKED_MEMBERS(PskAuth, secret);
IKED_MEMBERS(SignatureAuth, kind);
IKED_LAST_OF(SignatureKind, rfc7427);
IKED_MEMBERS(EapAuth, method);
IKED_LAST_OF(EapMethod, md5);
IKED_MEMBERS(ConfigOption, request, kind, value);
IKED_LAST_OF(ConfigKind, access_server);
IKED_MEMBERS(WrittenClauses::Line, words, where);
IKED_MEMBERS(WrittenClauses, lines);
IKED_MEMBERS(Identity, type, octets);
IKED_MEMBERS(Encr, id, key_bits);
IKED_MEMBERS(Proposal, protocol, encr, prf, integ, ke, esn);
IKED_LAST_OF(Precedence, fallback);
IKED_LAST_OF(Mode, transport);
IKED_MEMBERS(Policy, name, where, precedence, active, ipcomp, mode, child_protocol, force_udp_encap,
             family, protocols, rdomain, flows, local, peer, ike_proposals, child_proposals,
             local_id, peer_id, ike_lifetime, child_lifetime, child_bytes, auth, config_options,
             iface, tag, tap, written);
IKED_MEMBERS(Ocsp, url, tolerate, max_age);
IKED_LAST_OF(Ipv6Block, never);
IKED_MEMBERS(CertificateLeniency, unknown_eku, date);
IKED_MEMBERS(Settings, fragmentation, fragmentation_mtu, mobike, vendor_id, enforce_single_ike_sa,
             sticky_address, cert_partial_chain, ocsp, cert_leniency, ipv6_block, min_threads,
             max_threads, response_wait_time, retry_first, retry_longest, cookie_threshold,
             log_file, ignore_errors, keystore, preshared_file, coexist_port);
IKED_MEMBERS(NamedDer, file, der);
IKED_MEMBERS(PinnedKey, file, identity, public_key);
IKED_LAST_OF(KeyKind, dsa);
IKED_LAST_OF(SignatureScheme, dsa_sha1);
IKED_MEMBERS(OwnCertificate, file, chain, names, authority_hashes);
IKED_MEMBERS(Credentials, folder, own_kind, own_key, pinned, authorities, crls, anchor_hashes,
             certificates);
IKED_MEMBERS(EapUser, name, password, where);
IKED_MEMBERS(Config, files, passive, decouple, dpd_check_interval, default_id, policies, settings,
             users, written, credentials, policies_left_out);

/// Structs without members.
template <typename T>
requires(std::is_empty_v<T>) struct Members<T> {
  static std::tuple<> of(const T&) { return {}; }
};

}  // namespace iked::keeper
