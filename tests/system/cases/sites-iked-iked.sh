# SPDX-License-Identifier: ISC
# Hosts behind two gateways, IPv4 and IPv6 flows in one policy: iked with iked.
# Needs: iked
sites_case iked iked
