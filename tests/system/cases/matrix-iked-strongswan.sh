# SPDX-License-Identifier: ISC
# The interoperability matrix: iked as the initiator with strongSwan.
# Needs: iked, strongswan
# Limit: 240
matrix iked strongswan
