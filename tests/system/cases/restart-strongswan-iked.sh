# SPDX-License-Identifier: ISC
# Restart of either side, by SIGTERM and by SIGKILL: strongSwan as the initiator with iked.
# Needs: iked, strongswan
# Limit: 300
restart_case strongswan iked
