# SPDX-License-Identifier: ISC
# Hosts behind two gateways, IPv4 and IPv6 flows in one policy: strongSwan as the initiator with iked.
# Needs: iked, strongswan
sites_case strongswan iked
