# SPDX-License-Identifier: ISC
# The rig itself: each algorithm, between two strongSwans. When this fails, the fault is not iked's.
# Needs: strongswan
# Limit: 300
matrix strongswan strongswan algorithms
