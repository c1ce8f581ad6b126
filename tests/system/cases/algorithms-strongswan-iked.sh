# SPDX-License-Identifier: ISC
# Each algorithm of IKE and of ESP: strongSwan as the initiator with iked.
# Needs: iked, strongswan
# Limit: 300
matrix strongswan iked algorithms
