#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What each action of a scheme does to each kind of page, seen by the process that has them.

# shellcheck source=damon_lib.sh
. "$(dirname "$0")/damon_lib.sh"

here=$(dirname "$0")
SCHEME=$CONTEXT/schemes/0
PATTERN=$SCHEME/access_pattern
HUGEPAGES=/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
KHUGEPAGED=/sys/kernel/mm/transparent_hugepage/khugepaged
LRU_GEN=/sys/kernel/mm/lru_gen/enabled

# Operations, actions, kinds and what is to be seen:
# BEFORE	a command to the process before, or -
# SEEN		what is counted after, see act_kinds.c
# PAGES		of how many pages it is to be so: all or none
# APPLIED	whether the scheme is to say that it worked somewhere: some or none; or few: on less
#		than half of what it has tried, as a slow machine may let hot memory rest
# FILTER	type of a filter and whether it is for pages that match, or -; it is for all
#		addresses, the first target, or the memory cgroup of this shell
cases()
{
	cat << 'CASES'
fvaddr pageout small - present none some -
fvaddr pageout thp - present none some -
fvaddr pageout shmem - present none some -
fvaddr pageout file - present all none -
fvaddr pageout file-shared - present all none -
fvaddr pageout mlocked - present all none -
fvaddr pageout shared - present all none -
fvaddr pageout hugetlb - present all none -
fvaddr cold small - referenced none some -
fvaddr cold thp - referenced none some -
fvaddr cold shmem - referenced none some -
fvaddr cold file - referenced none some -
fvaddr cold mlocked - referenced all none -
fvaddr cold shared - referenced all none -
fvaddr cold hugetlb - present all none -
fvaddr willneed small out resident all some -
fvaddr willneed shmem out resident all some -
fvaddr willneed disk out resident all some -
fvaddr willneed hugetlb - present all none -
fvaddr hugepage not-yet-thp - hg all some -
fvaddr hugepage not-yet-thp - huge all some -
fvaddr hugepage thp - hg all none -
fvaddr hugepage small - hg none none -
fvaddr hugepage file - hg none none -
fvaddr hugepage hugetlb - hg none none -
fvaddr nohugepage thp - nh all some -
fvaddr nohugepage thp - huge all some -
fvaddr nohugepage shmem - nh none none -
fvaddr pageout small - present all none addr:Y
fvaddr pageout small - present none some addr:N
fvaddr pageout small - present all none target:Y
fvaddr stat small - present all none -
paddr pageout small - present none some -
paddr pageout thp - present none some -
paddr pageout shmem - present none some -
paddr pageout file - resident none some -
paddr pageout shared - present none some -
paddr pageout mlocked - present all none -
paddr pageout hugetlb - present all none -
paddr pageout small - present all none anon:Y
paddr pageout small - present none some anon:N
paddr pageout file - present none some anon:Y
paddr pageout file - present all none anon:N
paddr pageout small - present none some young:Y
paddr pageout hot - present all few young:Y
paddr pageout small - present all none addr:Y
paddr pageout small - present all none memcg:Y
paddr pageout small - present none some memcg:N
paddr lru_prio small - active all some -
paddr lru_prio thp - active all some -
paddr lru_prio shmem - active all some -
paddr lru_prio shared - active all some -
paddr lru_prio mlocked - active none none -
paddr lru_deprio small prio active none some -
paddr lru_deprio thp prio active none some -
paddr lru_deprio shmem prio active none some -
paddr lru_deprio small prio referenced none some -
paddr migrate_hot small - node1 all some -
paddr migrate_hot thp - node1 all some -
paddr migrate_hot shmem - node1 all some -
paddr migrate_hot shared - node1 all some -
paddr migrate_hot mlocked - node1 none none -
paddr migrate_hot hugetlb - node1 none none -
paddr migrate_cold small - node1 all some -
paddr stat small - present all none -
CASES
}

# fail REASON: note why a case failed or has to be skipped, and return false
reason=
fail()
{
	reason=$*
	return 1
}

# have KIND: start a process with such memory
have()
{
	local answer

	# shellcheck disable=SC2034 # coproc needs a name
	coproc PAGES { exec "$here/act_kinds" "$1" ${disk:+"$disk/file"} 2>&1; }
	target=$PAGES_PID
	targets+=("$target")
	disown
	read -r answer <&"${PAGES[0]}" || answer="it died"
	[ "$answer" = ready ] || fail "$answer"
}

have_no_more()
{
	# shellcheck disable=SC1083,SC2093 # file descriptors in an array
	exec {PAGES[0]}<&- {PAGES[1]}>&-
	kill_targets
}

# pattern NAME MAX: what regions the scheme is for
pattern()
{
	put 0 "$PATTERN/$1/min" && put "$2" "$PATTERN/$1/max"
}

# scheme ACTION FILTER: one scheme, for all regions
scheme()
{
	put 1 "$CONTEXT/schemes/nr_schemes" && put "$1" "$SCHEME/action" &&
		pattern sz 18446744073709551615 && pattern nr_accesses 1000000 &&
		pattern age 1000000 || return
	case $1 in
	migrate_*)	put 1 "$SCHEME/target_nid" || return ;;
	esac
	case $2 in
	-)	return ;;
	# Also a slow machine touches hot memory in between.
	young:*) put 200000 "$SCHEME/apply_interval_us" || return ;;
	esac
	put 1 "$SCHEME/filters/nr_filters" && put "${2%:*}" "$SCHEME/filters/0/type" &&
		put "${2#*:}" "$SCHEME/filters/0/matching" &&
		put "$(memcg)" "$SCHEME/filters/0/memcg_path" &&
		put 18446744073709551615 "$SCHEME/filters/0/addr_end"
}

# The memory cgroup of this shell and of the processes that it starts, as DAMON names it
memcg()
{
	sed -n 's/^0:://p' /proc/self/cgroup
}

# setup OPERATIONS ACTION FILTER: watch only the pages of $target
setup()
{
	local nr

	damon_setup "$target"
	read -r -a pages <<< "$(tell "$([ "$1" = paddr ] && echo physical || echo virtual)")"
	size=$(tell size)
	# There are at least three regions.
	nr=$((${#pages[@]} > 3 ? ${#pages[@]} : 3))
	put "$1" "$CONTEXT/operations" && put 1000 "$ATTRS/intervals/sample_us" &&
		put 20000 "$ATTRS/intervals/aggr_us" && put $nr "$ATTRS/nr_regions/min" &&
		put $nr "$ATTRS/nr_regions/max" && page_ranges && scheme "$2" "$3"
}

# statistic NAME: of the scheme
statistic()
{
	local value

	put update_schemes_stats "$KDAMOND/state"
	read -r value < "$SCHEME/stats/$1"
	echo "$value"
}

# pass_often: have the scheme pass over all pages some times; a write waits for one pass
pass_often()
{
	local i

	for ((i = 0; i < 8; i++)); do
		put update_schemes_tried_bytes "$KDAMOND/state" || return
	done
}

# apply OPERATIONS ACTION FILTER: run such a scheme; sets applied and tried
apply()
{
	{ setup "$@" && put on "$KDAMOND/state"; } || fail "$2 can't be set up" || return
	pass_often || fail "the scheme is not applied" || return
	applied=$(statistic sz_applied)
	tried=$(statistic sz_tried)
}

# seen WHAT NUMBER
seen()
{
	[ "$(tell "$1")" = "$2" ]
}

# prepare BEFORE
prepare()
{
	case $1 in
	out)	tell out > /dev/null
		seen resident 0 || fail "can't be paged out" ;;
	prio)	apply paddr lru_prio - ;;
	esac
}

# check SEEN PAGES APPLIED: whether it is so of all or no pages
check()
{
	local want=0

	[ "$2" = none ] || want=${#pages[@]}
	# khugepaged takes a while.
	eventually 10 seen "$1" "$want" ||
		fail "$(tell "$1") of ${#pages[@]} pages are $1, not $want" || return
	case $3 in
	none)	[ "$applied" = 0 ] || fail "applied to $applied bytes" ;;
	some)	[ "$applied" != 0 ] || fail "applied nowhere" ;;
	few)	[ $((2 * applied)) -lt "$tried" ] || fail "applied to $applied of $tried bytes" ;;
	esac
}

# has_all ACTION KIND FILTER: whether this machine has what the case needs beside such memory
has_all()
{
	case $1 in
	migrate_*)	[ -e /sys/devices/system/node/node1 ] || fail "no NUMA node 1" ;;
	# With MGLRU the flags do not show what is active.
	lru_*)		[ ! -e $LRU_GEN ] || has 0x0000 $LRU_GEN || fail "MGLRU stays on" ;;
	pageout|willneed)
		case $2 in
		file|disk) ;;
		*)	[ -n "$swap" ] || fail "no swap" || return ;;
		esac ;;
	esac || return
	case $3 in
	memcg:*) grep -qsw memory "/sys/fs/cgroup$(memcg)/cgroup.controllers" ||
			fail "no memory cgroup of its own" ;;
	esac
}

# A small file system on a block device, with one file
disk_begin()
{
	read -r zram 2> /dev/null < /sys/class/zram-control/hot_add || return
	echo 4M > "/sys/block/zram$zram/disksize"
	disk=$(mktemp -d)
	{ mke2fs -q -t ext2 "/dev/zram$zram" && mount -t ext2 "/dev/zram$zram" "$disk"; } \
		> /dev/null 2>&1 || return
	dd if=/dev/zero of="$disk/file" bs=64k count=4 conv=fsync 2> /dev/null
}

disk_end()
{
	umount "$disk" 2> /dev/null
	rmdir "$disk" 2> /dev/null
	[ -z "$zram" ] || echo "$zram" > /sys/class/zram-control/hot_remove
	zram=
	disk=
}

restore()
{
	damon_end
	restore_saved
	disk_end
}

zram=
disk=
damon_begin "$(cases | wc -l)"
trap restore EXIT
put 1 "$KDAMONDS/nr_kdamonds" && put 1 "$KDAMOND/contexts/nr_contexts"
[ -d "$CONTEXT/schemes" ] || damon_skip "no schemes"
swap_begin
disk_begin || disk_end
save $HUGEPAGES 8
save $KHUGEPAGED/scan_sleep_millisecs 10
save $KHUGEPAGED/alloc_sleep_millisecs 10
save $LRU_GEN 0

while read -r ops action kind before what nr worked filter; do
	name="$ops $action, $kind: $what"
	[ "$filter" = - ] || name="$name, $filter"
	if ! has_all "$action" "$kind" "$filter"; then
		ktap_test_skip "$name: $reason"
	elif ! have "$kind"; then
		ktap_test_skip "$name: $reason"
		have_no_more
	else
		if prepare "$before" && apply "$ops" "$action" "$filter" &&
		   check "$what" "$nr" "$worked"; then
			ktap_test_pass "$name"
		else
			ktap_test_fail "$name: $reason"
		fi
		damon_off
		have_no_more
	fi
done < <(cases)

ktap_finished
