# SPDX-License-Identifier: ISC
# The interoperability matrix: libreswan as the initiator with iked.
# Needs: iked, libreswan
# Limit: 240
matrix libreswan iked
