#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Values that the files accept and refuse; a refused value changes nothing.

# shellcheck source=damon_lib.sh
. "$(dirname "$0")/damon_lib.sh"

INTERVALS=$ATTRS/intervals
TARGETS=$CONTEXT/targets
REGIONS=$TARGETS/0/regions
ULONG_MAX=$(getconf ULONG_MAX)

# file, value to write, errno, value of the file afterwards; "-" is an empty value
values()
{
	cat << VALUES
$KDAMONDS/nr_kdamonds -1 EINVAL 1
$KDAMONDS/nr_kdamonds x EINVAL 1
$KDAMONDS/nr_kdamonds 1x EINVAL 1
$KDAMONDS/nr_kdamonds - EINVAL 1
$KDAMONDS/nr_kdamonds 2147483648 ERANGE 1
$KDAMOND/state bogus EINVAL off
$KDAMOND/state - EINVAL off
$KDAMOND/state on EINVAL off
$KDAMOND/state off EPERM off
$KDAMOND/state commit EINVAL off
$KDAMOND/contexts/nr_contexts 2 EINVAL 1
$KDAMOND/contexts/nr_contexts -1 EINVAL 1
$KDAMOND/contexts/nr_contexts x EINVAL 1
$KDAMOND/contexts/nr_contexts 2147483647 EINVAL 1
$KDAMOND/contexts/nr_contexts 2147483648 ERANGE 1
$CONTEXT/operations bogus EINVAL vaddr
$CONTEXT/operations - EINVAL vaddr
$CONTEXT/operations fvaddr OK fvaddr
$CONTEXT/operations vaddr OK vaddr
$CONTEXT/schemes/nr_schemes -1 EINVAL 0
$CONTEXT/schemes/nr_schemes x EINVAL 0
$CONTEXT/schemes/nr_schemes 2147483648 ERANGE 0
$CONTEXT/schemes/nr_schemes 0 OK 0
$INTERVALS/sample_us -5 EINVAL 5000
$INTERVALS/sample_us 5ms EINVAL 5000
$INTERVALS/sample_us - EINVAL 5000
$INTERVALS/sample_us 99999999999999999999 ERANGE 5000
$INTERVALS/sample_us 0x1000 OK 4096
$INTERVALS/sample_us 0 OK 0
$INTERVALS/aggr_us -1 EINVAL 100000
$INTERVALS/aggr_us x EINVAL 100000
$INTERVALS/aggr_us 99999999999999999999 ERANGE 100000
$INTERVALS/aggr_us 200000 OK 200000
$INTERVALS/update_us -1 EINVAL 60000000
$INTERVALS/update_us x EINVAL 60000000
$INTERVALS/update_us 99999999999999999999 ERANGE 60000000
$INTERVALS/update_us $ULONG_MAX OK $ULONG_MAX
$ATTRS/nr_regions/min 20 OK 20
$ATTRS/nr_regions/min -1 EINVAL 20
$ATTRS/nr_regions/min x EINVAL 20
$ATTRS/nr_regions/min 99999999999999999999 ERANGE 20
$ATTRS/nr_regions/min 2000 OK 2000
$ATTRS/nr_regions/max -1 EINVAL 1000
$ATTRS/nr_regions/max x EINVAL 1000
$ATTRS/nr_regions/max 99999999999999999999 ERANGE 1000
$ATTRS/nr_regions/max 2 OK 2
$TARGETS/nr_targets 2 OK 2
$TARGETS/nr_targets -1 EINVAL 2
$TARGETS/nr_targets x EINVAL 2
$TARGETS/nr_targets - EINVAL 2
$TARGETS/nr_targets 2147483648 ERANGE 2
$TARGETS/0/pid_target $NO_PID OK $NO_PID
$TARGETS/0/pid_target x EINVAL $NO_PID
$TARGETS/0/pid_target - EINVAL $NO_PID
$TARGETS/0/pid_target 2147483648 ERANGE $NO_PID
$TARGETS/0/pid_target -1 OK -1
$REGIONS/nr_regions 3 OK 3
$REGIONS/nr_regions -1 EINVAL 3
$REGIONS/nr_regions x EINVAL 3
$REGIONS/nr_regions 2147483648 ERANGE 3
$REGIONS/nr_regions 65537 EINVAL 3
$REGIONS/2/start 4096 OK 4096
$REGIONS/2/start -1 EINVAL 4096
$REGIONS/2/start 99999999999999999999 ERANGE 4096
$REGIONS/2/end 8192 OK 8192
$REGIONS/2/end -1 EINVAL 8192
$REGIONS/2/end x EINVAL 8192
$ATTRS/max_tlb_flushes -1 EINVAL 200
$ATTRS/max_tlb_flushes x EINVAL 200
$ATTRS/max_tlb_flushes 99999999999999999999 ERANGE 200
$ATTRS/max_tlb_flushes 0 OK 0
VALUES
}

damon_begin $(($(values | wc -l) + 9))
damon_setup $NO_PID

while read -r file value errno after; do
	name="write $value to ${file#"$KDAMONDS"/}"
	# Linux 6.12 does not have this file.
	if [ ! -e "$file" ] && [[ $file == */max_tlb_flushes ]]; then
		ktap_test_skip "$name: optional"
		continue
	fi
	[ "$value" != - ] || value=
	got="$(errno "$value" "$file") $(< "$file")"
	if [ "$got" = "$errno $after" ]; then
		ktap_test_pass "$name"
	else
		ktap_test_fail "$name: $got instead of $errno $after"
	fi
done < <(values)

# A huge number is refused before anything is allocated, and changes nothing.
for file in "$REGIONS/nr_regions" "$TARGETS/nr_targets" "$KDAMONDS/nr_kdamonds"; do
	before=$(< "$file")
	name="${file##*/} 2^31-1"
	if put 2147483647 "$file"; then
		ktap_test_fail "$name: accepted"
	else
		expect "$name" "$before" cat "$file"
	fi
done
# With the DAMON of Linux 6.12 it does: set it up again.
[ -e "$TARGETS/0" ] || damon_setup $NO_PID

# Even if root changes their modes, read-only files refuse writes.
chmod 600 "$KDAMOND/pid" "$CONTEXT/avail_operations"
expect_errno "write to pid" EIO 1 "$KDAMOND/pid"
expect_errno "write to avail_operations" EIO vaddr "$CONTEXT/avail_operations"

# Writing a number resets all directories.
put 1 "$TARGETS/nr_targets"
expect "a new target" 0 cat "$TARGETS/0/pid_target"
expect "a new target's ranges" 0 cat "$REGIONS/nr_regions"
put 0 "$KDAMOND/contexts/nr_contexts"
expect_errno "a removed context" ENOENT 1 "$CONTEXT/targets/nr_targets"
put 0 "$KDAMONDS/nr_kdamonds"
expect "no kdamond" nr_kdamonds ls "$KDAMONDS"

ktap_finished
