# SPDX-License-Identifier: ISC
# A wrong pre-shared key: strongSwan as the initiator with iked; both logs say who failed.
# Needs: iked, strongswan
wrong_psk_case strongswan iked
