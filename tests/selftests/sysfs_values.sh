#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Values that the files accept and refuse; a refused value changes nothing.

# shellcheck source=damon_lib.sh
. "$(dirname "$0")/damon_lib.sh"

INTERVALS=$ATTRS/intervals
TARGETS=$CONTEXT/targets
REGIONS=$TARGETS/0/regions
SCHEMES=$CONTEXT/schemes
SCHEME=$SCHEMES/0
FILTERS=$SCHEME/filters
GOALS=$SCHEME/quotas/goals
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
$KDAMOND/state update_schemes_stats EINVAL off
$KDAMOND/state update_schemes_tried_bytes EINVAL off
$KDAMOND/state update_schemes_tried_regions EINVAL off
$KDAMOND/state clear_schemes_tried_regions EINVAL off
$KDAMOND/state update_schemes_effective_quotas EINVAL off
$KDAMOND/state commit_schemes_quota_goals EINVAL off
$KDAMOND/contexts/nr_contexts 2 EINVAL 1
$KDAMOND/contexts/nr_contexts -1 EINVAL 1
$KDAMOND/contexts/nr_contexts x EINVAL 1
$KDAMOND/contexts/nr_contexts 2147483647 EINVAL 1
$KDAMOND/contexts/nr_contexts 2147483648 ERANGE 1
$CONTEXT/operations bogus EINVAL vaddr
$CONTEXT/operations - EINVAL vaddr
$CONTEXT/operations fvaddr OK fvaddr
$CONTEXT/operations vaddr OK vaddr
$SCHEMES/nr_schemes -1 EINVAL 0
$SCHEMES/nr_schemes x EINVAL 0
$SCHEMES/nr_schemes - EINVAL 0
$SCHEMES/nr_schemes 65537 EINVAL 0
$SCHEMES/nr_schemes 2147483648 ERANGE 0
$SCHEMES/nr_schemes 0 OK 0
$SCHEMES/nr_schemes 2 OK 2
$SCHEMES/nr_schemes 1 OK 1
$SCHEME/action willneed OK willneed
$SCHEME/action cold OK cold
$SCHEME/action pageout OK pageout
$SCHEME/action hugepage OK hugepage
$SCHEME/action nohugepage OK nohugepage
$SCHEME/action lru_prio OK lru_prio
$SCHEME/action lru_deprio OK lru_deprio
$SCHEME/action migrate_hot OK migrate_hot
$SCHEME/action migrate_cold OK migrate_cold
$SCHEME/action stat OK stat
$SCHEME/action bogus EINVAL stat
$SCHEME/action - EINVAL stat
$SCHEME/action pageout2 EINVAL stat
$SCHEME/action PAGEOUT EINVAL stat
$SCHEME/action 0 EINVAL stat
$SCHEME/target_nid 0 OK 0
$SCHEME/target_nid x EINVAL 0
$SCHEME/target_nid - EINVAL 0
$SCHEME/target_nid 2147483648 ERANGE 0
$SCHEME/target_nid -1 OK -1
$SCHEME/apply_interval_us 10 OK 10
$SCHEME/apply_interval_us -1 EINVAL 10
$SCHEME/apply_interval_us x EINVAL 10
$SCHEME/access_pattern/sz/min 11 OK 11
$SCHEME/access_pattern/sz/min -1 EINVAL 11
$SCHEME/access_pattern/sz/min x EINVAL 11
$SCHEME/access_pattern/sz/max $ULONG_MAX OK $ULONG_MAX
$SCHEME/access_pattern/sz/max -1 EINVAL $ULONG_MAX
$SCHEME/access_pattern/sz/max x EINVAL $ULONG_MAX
$SCHEME/access_pattern/nr_accesses/min 12 OK 12
$SCHEME/access_pattern/nr_accesses/min -1 EINVAL 12
$SCHEME/access_pattern/nr_accesses/min x EINVAL 12
$SCHEME/access_pattern/nr_accesses/max 3689348814741910528 OK 3689348814741910528
$SCHEME/access_pattern/nr_accesses/max -1 EINVAL 3689348814741910528
$SCHEME/access_pattern/nr_accesses/max x EINVAL 3689348814741910528
$SCHEME/access_pattern/age/min 13 OK 13
$SCHEME/access_pattern/age/min -1 EINVAL 13
$SCHEME/access_pattern/age/min x EINVAL 13
$SCHEME/access_pattern/age/max 184467440737095 OK 184467440737095
$SCHEME/access_pattern/age/max -1 EINVAL 184467440737095
$SCHEME/access_pattern/age/max x EINVAL 184467440737095
$SCHEME/quotas/ms 14 OK 14
$SCHEME/quotas/ms -1 EINVAL 14
$SCHEME/quotas/ms x EINVAL 14
$SCHEME/quotas/bytes 15 OK 15
$SCHEME/quotas/bytes -1 EINVAL 15
$SCHEME/quotas/bytes x EINVAL 15
$SCHEME/quotas/reset_interval_ms $ULONG_MAX OK $ULONG_MAX
$SCHEME/quotas/reset_interval_ms -1 EINVAL $ULONG_MAX
$SCHEME/quotas/reset_interval_ms x EINVAL $ULONG_MAX
$SCHEME/quotas/weights/sz_permil 16 OK 16
$SCHEME/quotas/weights/sz_permil -1 EINVAL 16
$SCHEME/quotas/weights/sz_permil x EINVAL 16
$SCHEME/quotas/weights/nr_accesses_permil 17 OK 17
$SCHEME/quotas/weights/nr_accesses_permil -1 EINVAL 17
$SCHEME/quotas/weights/nr_accesses_permil x EINVAL 17
$SCHEME/quotas/weights/age_permil 18 OK 18
$SCHEME/quotas/weights/age_permil -1 EINVAL 18
$SCHEME/quotas/weights/age_permil x EINVAL 18
$SCHEME/watermarks/interval_us 19 OK 19
$SCHEME/watermarks/interval_us -1 EINVAL 19
$SCHEME/watermarks/interval_us x EINVAL 19
$SCHEME/watermarks/high 20 OK 20
$SCHEME/watermarks/high -1 EINVAL 20
$SCHEME/watermarks/high x EINVAL 20
$SCHEME/watermarks/mid 21 OK 21
$SCHEME/watermarks/mid -1 EINVAL 21
$SCHEME/watermarks/mid x EINVAL 21
$SCHEME/watermarks/low 22 OK 22
$SCHEME/watermarks/low -1 EINVAL 22
$SCHEME/watermarks/low x EINVAL 22
$SCHEME/watermarks/metric free_mem_rate OK free_mem_rate
$SCHEME/watermarks/metric bogus EINVAL free_mem_rate
$SCHEME/watermarks/metric none OK none
$GOALS/nr_goals -1 EINVAL 0
$GOALS/nr_goals x EINVAL 0
$GOALS/nr_goals 2 OK 2
$GOALS/1/target_metric some_mem_psi_us OK some_mem_psi_us
$GOALS/1/target_metric bogus EINVAL some_mem_psi_us
$GOALS/1/target_metric user_input OK user_input
$GOALS/1/target_value 23 OK 23
$GOALS/1/target_value -1 EINVAL 23
$GOALS/1/target_value x EINVAL 23
$GOALS/1/current_value 24 OK 24
$GOALS/1/current_value -1 EINVAL 24
$GOALS/1/current_value x EINVAL 24
$FILTERS/nr_filters -1 EINVAL 0
$FILTERS/nr_filters x EINVAL 0
$FILTERS/nr_filters 2 OK 2
$FILTERS/1/type memcg OK memcg
$FILTERS/1/type young OK young
$FILTERS/1/type addr OK addr
$FILTERS/1/type target OK target
$FILTERS/1/type anon OK anon
$FILTERS/1/type bogus EINVAL anon
$FILTERS/1/type - EINVAL anon
$FILTERS/1/matching Y OK Y
$FILTERS/1/matching x EINVAL Y
$FILTERS/1/matching - EINVAL Y
$FILTERS/1/matching N OK N
$FILTERS/1/matching 1 OK Y
$FILTERS/1/memcg_path /a/b OK /a/b
$FILTERS/1/addr_start 4096 OK 4096
$FILTERS/1/addr_start -1 EINVAL 4096
$FILTERS/1/addr_start x EINVAL 4096
$FILTERS/1/addr_end 8192 OK 8192
$FILTERS/1/addr_end -1 EINVAL 8192
$FILTERS/1/addr_end x EINVAL 8192
$FILTERS/1/damon_target_idx 1 OK 1
$FILTERS/1/damon_target_idx x EINVAL 1
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

damon_begin $(($(values | wc -l) + 22))
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
for file in quotas/effective_bytes tried_regions/total_bytes \
	stats/{nr_tried,sz_tried,nr_applied,sz_applied,qt_exceeds}; do
	chmod 600 "$SCHEME/$file"
	expect_errno "write to $file" EIO 1 "$SCHEME/$file"
done

# Writing a number resets all directories.
put 1 "$TARGETS/nr_targets"
expect "a new target" 0 cat "$TARGETS/0/pid_target"
expect "a new target's ranges" 0 cat "$REGIONS/nr_regions"
put 1 "$SCHEMES/nr_schemes"
expect "a new scheme" stat cat "$SCHEME/action"
expect "a new scheme's pattern" 0 cat "$SCHEME/access_pattern/sz/max"
expect "a new scheme's quota" 0 cat "$SCHEME/quotas/weights/age_permil"
expect "a new scheme's goals" 0 cat "$GOALS/nr_goals"
expect "a new scheme's filters" 0 cat "$FILTERS/nr_filters"
put 1 "$FILTERS/nr_filters"
expect "a new filter's memcg" "" cat "$FILTERS/0/memcg_path"
put 0 "$KDAMOND/contexts/nr_contexts"
expect_errno "a removed context" ENOENT 1 "$CONTEXT/targets/nr_targets"
put 0 "$KDAMONDS/nr_kdamonds"
expect "no kdamond" nr_kdamonds ls "$KDAMONDS"

ktap_finished
