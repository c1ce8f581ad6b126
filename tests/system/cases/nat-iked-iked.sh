# SPDX-License-Identifier: ISC
# A NAT between them that changes the source port: iked with iked, ESP in UDP.
# Needs: iked
nat_case iked iked
