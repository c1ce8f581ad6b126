# SPDX-License-Identifier: ISC
# A wrong pre-shared key: iked with iked; both logs say who failed.
# Needs: iked
wrong_psk_case iked iked
