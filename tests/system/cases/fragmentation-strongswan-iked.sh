# SPDX-License-Identifier: ISC
# IKE_AUTH in fragments (RFC 7383): strongSwan calls iked, which answers in parts as small as the request's.
# Needs: iked, strongswan
fragmentation_case strongswan iked
