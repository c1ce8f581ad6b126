# SPDX-License-Identifier: ISC
# Hosts behind two gateways, IPv4 and IPv6 flows in one policy: iked as the initiator with strongSwan.
# Needs: iked, strongswan
sites_case iked strongswan
