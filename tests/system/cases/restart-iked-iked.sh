# SPDX-License-Identifier: ISC
# Restart of either side, by SIGTERM and by SIGKILL: iked with iked.
# Needs: iked
# Limit: 300
restart_case iked iked
