#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The truth of real programs: scores are right, monitors that lie are found out, the model of a TLB misses what it
# should, and the plugin counts accesses to the page and the slot. The last needs a guest.
set -eu

tests/truth/selftest
tests/truth/tlb-selftest
if [ ! -e build/bzImage ]; then
	echo "no build/bzImage: plugin not tested"
	exit 0
fi
exec tests/truth/exact
