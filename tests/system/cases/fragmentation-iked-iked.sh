# SPDX-License-Identifier: ISC
# IKE_AUTH in fragments (RFC 7383), also where only small packets come through: two iked.
# Needs: iked
fragmentation_case iked iked
