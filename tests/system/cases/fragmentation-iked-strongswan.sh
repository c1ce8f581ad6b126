# SPDX-License-Identifier: ISC
# IKE_AUTH in fragments (RFC 7383), also where only small packets come through: iked calls strongSwan.
# Needs: iked, strongswan
fragmentation_case iked strongswan
