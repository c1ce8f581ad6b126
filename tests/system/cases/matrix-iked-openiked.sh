# SPDX-License-Identifier: ISC
# The interoperability matrix: iked as the initiator with OpenIKED.
# Needs: iked, openiked
# Limit: 240
matrix iked openiked
