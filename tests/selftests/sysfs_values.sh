#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What can be written to the files, what can't, and that what can't changes
# nothing.

# shellcheck source=damon_lib.sh
. "$(dirname "$0")/damon_lib.sh"

INTERVALS=$ATTRS/intervals
TARGETS=$CONTEXT/targets
REGIONS=$TARGETS/0/regions
ULONG_MAX=$(getconf ULONG_MAX)

# file, value to write, errno, what is in the file then
values()
{
	cat << VALUES
$KDAMONDS/nr_kdamonds -1 EINVAL 1
$KDAMONDS/nr_kdamonds x EINVAL 1
$KDAMONDS/nr_kdamonds 2147483648 ERANGE 1
$KDAMOND/state bogus EINVAL off
$KDAMOND/state on EINVAL off
$KDAMOND/state off EPERM off
$KDAMOND/contexts/nr_contexts 2 EINVAL 1
$KDAMOND/contexts/nr_contexts -1 EINVAL 1
$CONTEXT/operations bogus EINVAL vaddr
$CONTEXT/operations vaddr OK vaddr
$CONTEXT/schemes/nr_schemes -1 EINVAL 0
$CONTEXT/schemes/nr_schemes 0 OK 0
$INTERVALS/sample_us -5 EINVAL 5000
$INTERVALS/sample_us 5ms EINVAL 5000
$INTERVALS/sample_us 99999999999999999999 ERANGE 5000
$INTERVALS/sample_us 0x1000 OK 4096
$INTERVALS/aggr_us 200000 OK 200000
$INTERVALS/update_us $ULONG_MAX OK $ULONG_MAX
$ATTRS/nr_regions/min 20 OK 20
$ATTRS/nr_regions/min -1 EINVAL 20
$ATTRS/nr_regions/max 2000 OK 2000
$TARGETS/nr_targets 2 OK 2
$TARGETS/nr_targets -1 EINVAL 2
$TARGETS/0/pid_target $NO_PID OK $NO_PID
$TARGETS/0/pid_target x EINVAL $NO_PID
$TARGETS/0/pid_target 2147483648 ERANGE $NO_PID
$REGIONS/nr_regions 3 OK 3
$REGIONS/nr_regions -1 EINVAL 3
$REGIONS/nr_regions 4097 EINVAL 3
$REGIONS/2/start 4096 OK 4096
$REGIONS/2/end 8192 OK 8192
$REGIONS/2/end -1 EINVAL 8192
VALUES
}

damon_begin $(($(values | wc -l) + 7))
damon_setup $NO_PID

while read -r file value errno after; do
	name="write $value to ${file#"$KDAMONDS"/}"
	got="$(errno "$value" "$file") $(< "$file")"
	if [ "$got" = "$errno $after" ]; then
		ktap_test_pass "$name"
	else
		ktap_test_fail "$name: $got instead of $errno $after"
	fi
done < <(values)

# A huge number is refused, not tried.
if put 2147483647 "$TARGETS/nr_targets"; then
	ktap_test_fail "nr_targets 2^31-1: accepted"
else
	expect "nr_targets 2^31-1" 2 cat "$TARGETS/nr_targets"
fi
put 2147483647 "$KDAMONDS/nr_kdamonds"
expect "nr_kdamonds 2^31-1" 1 cat "$KDAMONDS/nr_kdamonds"

# A mode is no protection from root; what can't be written still can't.
chmod 600 "$KDAMOND/pid" "$CONTEXT/avail_operations"
expect_errno "write to pid" EIO 1 "$KDAMOND/pid"
expect_errno "write to avail_operations" EIO vaddr "$CONTEXT/avail_operations"

# To write a number makes new directories.
put 1 "$TARGETS/nr_targets"
expect "a new target" 0 cat "$TARGETS/0/pid_target"
put 0 "$KDAMOND/contexts/nr_contexts"
expect_errno "a removed context" ENOENT 1 "$CONTEXT/targets/nr_targets"
put 0 "$KDAMONDS/nr_kdamonds"
expect "no kdamond" nr_kdamonds ls "$KDAMONDS"

ktap_finished
