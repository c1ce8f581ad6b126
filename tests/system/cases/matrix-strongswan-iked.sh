# SPDX-License-Identifier: ISC
# The interoperability matrix: strongSwan as the initiator with iked.
# Needs: iked, strongswan
# Limit: 240
matrix strongswan iked
