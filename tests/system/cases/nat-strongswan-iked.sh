# SPDX-License-Identifier: ISC
# A NAT between them that changes the source port: strongSwan as the initiator with iked, ESP in UDP.
# Needs: iked, strongswan
nat_case strongswan iked
