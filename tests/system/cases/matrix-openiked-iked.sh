# SPDX-License-Identifier: ISC
# The interoperability matrix: OpenIKED as the initiator with iked.
# Needs: iked, openiked
# Limit: 240
matrix openiked iked
