#!/bin/bash
# DAMON report on records of other kernels
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_data
export LINES=25 COLUMNS=80

# debian-6.12.data was recorded by perf damon record on Debian's kernel. plain-6.1.data was recorded
# by Debian 12's perf on Linux 6.1: "perf record -a -e damon:damon_aggregated -- sleep 4".
test_exact_output()
{
	expect_reports kernels.expected <<-'END'
		debian-6.12.data
		debian-6.12.data --wss --range 0,101,25
		debian-6.12.data --mappings
		debian-6.12.data --regions
		debian-6.12.data --guide -x ,
		plain-6.1.data
		plain-6.1.data --wss --range 0,101,25
		plain-6.1.data --nr-regions --range 0,101,50
		plain-6.1.data --mappings
		plain-6.1.data --regions --tmax 2s
		plain-6.1.data --raw --tmax 0.5s
		plain-6.1.data --guide -j
	END
}

# Compare --raw with perf script, which uses the print format of the recorded kernel.
test_raw()
{
	local file

	for file in debian-6.12 plain-6.1; do
		perf script -f -i "$data/$file.data" -F trace 2>/dev/null |
			sed -n 's/.*nr_regions=[0-9]* \([0-9]*\)-\([0-9]*\): \([0-9]*\) \([0-9]*\)/\1 \2 \3 \4/p' |
			while read -r start end accesses age; do
				printf '%#x %#x %d %d\n' "$start" "$end" "$accesses" "$age"
			done >expected
		perf damon report -f -i "$data/$file.data" --raw | awk '$1 ~ /^0x/ { print $1, $2, $4, $5 }' >regions
		[ -s expected ] || fail "$file: no events"
		cmp expected regions || fail "$file: other regions than perf script"
	done
}

test_exact_output
test_raw
finish
