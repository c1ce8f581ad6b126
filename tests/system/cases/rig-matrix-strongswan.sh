# SPDX-License-Identifier: ISC
# The rig itself: the whole matrix between two strongSwans. When this fails, the fault is not iked's.
# Needs: strongswan
# Limit: 240
matrix strongswan strongswan
