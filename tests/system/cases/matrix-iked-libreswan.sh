# SPDX-License-Identifier: ISC
# The interoperability matrix: iked as the initiator with libreswan.
# Needs: iked, libreswan
# Limit: 240
matrix iked libreswan
