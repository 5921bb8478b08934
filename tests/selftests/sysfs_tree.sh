#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The sysfs tree: its directories and files, their modes, and their initial values.
# Tools rely on all of them.

# shellcheck source=damon_lib.sh
. "$(dirname "$0")/damon_lib.sh"

# mode, path, value in a new tree; a directory has no value
tree()
{
	cat << 'TREE'
755 .
755 admin
755 admin/kdamonds
600 admin/kdamonds/nr_kdamonds 1
755 admin/kdamonds/0
600 admin/kdamonds/0/state off
400 admin/kdamonds/0/pid -1
755 admin/kdamonds/0/contexts
600 admin/kdamonds/0/contexts/nr_contexts 1
755 admin/kdamonds/0/contexts/0
400 admin/kdamonds/0/contexts/0/avail_operations
600 admin/kdamonds/0/contexts/0/operations vaddr
755 admin/kdamonds/0/contexts/0/monitoring_attrs
755 admin/kdamonds/0/contexts/0/monitoring_attrs/intervals
600 admin/kdamonds/0/contexts/0/monitoring_attrs/intervals/sample_us 5000
600 admin/kdamonds/0/contexts/0/monitoring_attrs/intervals/aggr_us 100000
600 admin/kdamonds/0/contexts/0/monitoring_attrs/intervals/update_us 60000000
755 admin/kdamonds/0/contexts/0/monitoring_attrs/nr_regions
600 admin/kdamonds/0/contexts/0/monitoring_attrs/nr_regions/min 10
600 admin/kdamonds/0/contexts/0/monitoring_attrs/nr_regions/max 1000
600 admin/kdamonds/0/contexts/0/monitoring_attrs/max_tlb_flushes 200
755 admin/kdamonds/0/contexts/0/targets
600 admin/kdamonds/0/contexts/0/targets/nr_targets 1
755 admin/kdamonds/0/contexts/0/targets/0
600 admin/kdamonds/0/contexts/0/targets/0/pid_target 0
600 admin/kdamonds/0/contexts/0/targets/0/pidfd_target -1
755 admin/kdamonds/0/contexts/0/targets/0/regions
600 admin/kdamonds/0/contexts/0/targets/0/regions/nr_regions 1
755 admin/kdamonds/0/contexts/0/targets/0/regions/0
600 admin/kdamonds/0/contexts/0/targets/0/regions/0/start 0
600 admin/kdamonds/0/contexts/0/targets/0/regions/0/end 0
755 admin/kdamonds/0/contexts/0/schemes
600 admin/kdamonds/0/contexts/0/schemes/nr_schemes 1
755 admin/kdamonds/0/contexts/0/schemes/0
600 admin/kdamonds/0/contexts/0/schemes/0/action stat
600 admin/kdamonds/0/contexts/0/schemes/0/target_nid -1
600 admin/kdamonds/0/contexts/0/schemes/0/apply_interval_us 0
755 admin/kdamonds/0/contexts/0/schemes/0/access_pattern
755 admin/kdamonds/0/contexts/0/schemes/0/access_pattern/sz
600 admin/kdamonds/0/contexts/0/schemes/0/access_pattern/sz/min 0
600 admin/kdamonds/0/contexts/0/schemes/0/access_pattern/sz/max 0
755 admin/kdamonds/0/contexts/0/schemes/0/access_pattern/nr_accesses
600 admin/kdamonds/0/contexts/0/schemes/0/access_pattern/nr_accesses/min 0
600 admin/kdamonds/0/contexts/0/schemes/0/access_pattern/nr_accesses/max 0
755 admin/kdamonds/0/contexts/0/schemes/0/access_pattern/age
600 admin/kdamonds/0/contexts/0/schemes/0/access_pattern/age/min 0
600 admin/kdamonds/0/contexts/0/schemes/0/access_pattern/age/max 0
755 admin/kdamonds/0/contexts/0/schemes/0/quotas
600 admin/kdamonds/0/contexts/0/schemes/0/quotas/ms 0
600 admin/kdamonds/0/contexts/0/schemes/0/quotas/bytes 0
600 admin/kdamonds/0/contexts/0/schemes/0/quotas/reset_interval_ms 0
400 admin/kdamonds/0/contexts/0/schemes/0/quotas/effective_bytes 0
755 admin/kdamonds/0/contexts/0/schemes/0/quotas/weights
600 admin/kdamonds/0/contexts/0/schemes/0/quotas/weights/sz_permil 0
600 admin/kdamonds/0/contexts/0/schemes/0/quotas/weights/nr_accesses_permil 0
600 admin/kdamonds/0/contexts/0/schemes/0/quotas/weights/age_permil 0
755 admin/kdamonds/0/contexts/0/schemes/0/quotas/goals
600 admin/kdamonds/0/contexts/0/schemes/0/quotas/goals/nr_goals 1
755 admin/kdamonds/0/contexts/0/schemes/0/quotas/goals/0
600 admin/kdamonds/0/contexts/0/schemes/0/quotas/goals/0/target_metric user_input
600 admin/kdamonds/0/contexts/0/schemes/0/quotas/goals/0/target_value 0
600 admin/kdamonds/0/contexts/0/schemes/0/quotas/goals/0/current_value 0
755 admin/kdamonds/0/contexts/0/schemes/0/watermarks
600 admin/kdamonds/0/contexts/0/schemes/0/watermarks/metric none
600 admin/kdamonds/0/contexts/0/schemes/0/watermarks/interval_us 0
600 admin/kdamonds/0/contexts/0/schemes/0/watermarks/high 0
600 admin/kdamonds/0/contexts/0/schemes/0/watermarks/mid 0
600 admin/kdamonds/0/contexts/0/schemes/0/watermarks/low 0
755 admin/kdamonds/0/contexts/0/schemes/0/filters
600 admin/kdamonds/0/contexts/0/schemes/0/filters/nr_filters 1
755 admin/kdamonds/0/contexts/0/schemes/0/filters/0
600 admin/kdamonds/0/contexts/0/schemes/0/filters/0/type anon
600 admin/kdamonds/0/contexts/0/schemes/0/filters/0/matching N
600 admin/kdamonds/0/contexts/0/schemes/0/filters/0/memcg_path
600 admin/kdamonds/0/contexts/0/schemes/0/filters/0/addr_start 0
600 admin/kdamonds/0/contexts/0/schemes/0/filters/0/addr_end 0
600 admin/kdamonds/0/contexts/0/schemes/0/filters/0/damon_target_idx 0
755 admin/kdamonds/0/contexts/0/schemes/0/stats
400 admin/kdamonds/0/contexts/0/schemes/0/stats/nr_tried 0
400 admin/kdamonds/0/contexts/0/schemes/0/stats/sz_tried 0
400 admin/kdamonds/0/contexts/0/schemes/0/stats/nr_applied 0
400 admin/kdamonds/0/contexts/0/schemes/0/stats/sz_applied 0
400 admin/kdamonds/0/contexts/0/schemes/0/stats/qt_exceeds 0
755 admin/kdamonds/0/contexts/0/schemes/0/tried_regions
400 admin/kdamonds/0/contexts/0/schemes/0/tried_regions/total_bytes 0
TREE
}

damon_begin $(($(tree | wc -l) + 2))
damon_setup 0
put 1 "$CONTEXT/targets/0/regions/nr_regions"
put 1 "$CONTEXT/schemes/nr_schemes"
put 1 "$CONTEXT/schemes/0/filters/nr_filters"
put 1 "$CONTEXT/schemes/0/quotas/goals/nr_goals"

optional=0
# Compare with what there is
declare -A modes
while read -r mode path; do
	modes[${path:-.}]=$mode
done < <(cd /sys/kernel/mm/damon && find . -printf '%m %P\n')

while read -r mode path value; do
	got=${modes[$path]}
	# Linux 6.12 does not have these files.
	if [ -z "$got" ] && [[ $path == */pidfd_target || $path == */max_tlb_flushes ]]; then
		ktap_test_skip "$path: optional"
		optional=$((optional + 1))
		continue
	fi
	if [ -n "$value" ]; then
		got="$got $(< "/sys/kernel/mm/damon/$path")"
	fi
	if [ "$got" = "$mode${value:+ }$value" ]; then
		ktap_test_pass "$path"
	else
		ktap_test_fail "$path: '$got' instead of '$mode $value'"
	fi
done < <(tree)

expect "and nothing else" $(($(tree | wc -l) - optional)) echo ${#modes[@]}
ktap_test_result "vaddr is available" \
	grep -qx vaddr "$CONTEXT/avail_operations"
ktap_finished
