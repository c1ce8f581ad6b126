# SPDX-License-Identifier: ISC
# Child and IKE SAs are rekeyed under a stream of pings, none of which is lost: iked calls libreswan and rekeys.
# Needs: iked, libreswan
# Limit: 300
rekey_case iked libreswan a
