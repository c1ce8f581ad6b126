# SPDX-License-Identifier: ISC
# Each algorithm of IKE and of ESP: iked as the initiator with strongSwan.
# Needs: iked, strongswan
# Limit: 300
matrix iked strongswan algorithms
