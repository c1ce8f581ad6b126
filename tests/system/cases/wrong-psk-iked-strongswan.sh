# SPDX-License-Identifier: ISC
# A wrong pre-shared key: iked as the initiator with strongSwan; both logs say who failed.
# Needs: iked, strongswan
wrong_psk_case iked strongswan
