# SPDX-License-Identifier: ISC
# Child and IKE SAs are rekeyed under a stream of pings, none of which is lost: strongSwan calls iked, which rekeys.
# Needs: iked, strongswan
# Limit: 300
rekey_case strongswan iked b
