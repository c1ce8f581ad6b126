# SPDX-License-Identifier: ISC
# The caller's address changes under a stream of pings and the tunnel follows (MOBIKE): between two iked.
# Needs: iked
# Limit: 300
mobike_case iked iked
