# SPDX-License-Identifier: ISC
# Each algorithm of IKE and of ESP: iked with iked, which includes those that no other daemon has.
# Needs: iked
# Limit: 300
matrix iked iked algorithms
