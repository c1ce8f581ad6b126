# SPDX-License-Identifier: ISC
# Restart of either side, by SIGTERM and by SIGKILL: iked as the initiator with strongSwan.
# Needs: iked, strongswan
# Limit: 300
restart_case iked strongswan
