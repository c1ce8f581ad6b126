# SPDX-License-Identifier: ISC
# Child and IKE SAs are rekeyed under a stream of pings, none of which is lost: iked calls OpenIKED and rekeys.
# Needs: iked, openiked
# Limit: 300
rekey_case iked openiked a
