# SPDX-License-Identifier: ISC
# Child and IKE SAs are rekeyed under a stream of pings, none of which is lost: both sides rekey, and now and then at once.
# Needs: iked
# Limit: 300
rekey_case iked iked both
