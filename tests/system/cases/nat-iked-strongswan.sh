# SPDX-License-Identifier: ISC
# A NAT between them that changes the source port: iked as the initiator with strongSwan, ESP in UDP.
# Needs: iked, strongswan
nat_case iked strongswan
