# SPDX-License-Identifier: ISC
# Child and IKE SAs are rekeyed under a stream of pings, none of which is lost: OpenIKED calls iked and rekeys.
# Needs: iked, openiked
# Limit: 300
rekey_case openiked iked a
