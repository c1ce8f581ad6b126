# SPDX-License-Identifier: ISC
# The interoperability matrix: iked with iked.
# Needs: iked
# Limit: 240
matrix iked iked
