# SPDX-License-Identifier: ISC
# The caller's address changes under a stream of pings and the tunnel follows (MOBIKE): strongSwan calls iked and moves.
# Needs: iked, strongswan
# Limit: 300
mobike_case strongswan iked
