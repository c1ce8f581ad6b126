# SPDX-License-Identifier: ISC
# Child and IKE SAs are rekeyed under a stream of pings, none of which is lost: libreswan calls iked and rekeys.
# Needs: iked, libreswan
# Limit: 300
rekey_case libreswan iked a
