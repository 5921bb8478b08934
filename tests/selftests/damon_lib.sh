#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Sourced by the tests of this directory: functions to set up and clean up the
# sysfs directory of DAMON.

# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/../kselftest/ktap_helpers.sh"

export LC_ALL=C
# A read from this pipe blocks for ever.
exec {NOTHING_FD}<> <(:)

KDAMONDS=/sys/kernel/mm/damon/admin/kdamonds
KDAMOND=$KDAMONDS/0
CONTEXT=$KDAMOND/contexts/0
# shellcheck disable=SC2034 # used where this is sourced
ATTRS=$CONTEXT/monitoring_attrs

damon_skip()
{
	ktap_skip_all "$@"
	exit "$KSFT_SKIP"
}

# To be called first. Skips all tests if DAMON is in use already.
damon_begin()
{
	ktap_print_header
	[ "$(id -u)" = 0 ] || damon_skip "must be run as root"
	[ -d "$KDAMONDS" ] || damon_skip "no $KDAMONDS: CONFIG_DAMON_SYSFS is off"
	has 0 "$KDAMONDS/nr_kdamonds" || damon_skip "DAMON is in use"
	ktap_set_plan "$1"
	trap damon_end EXIT
}

damon_end()
{
	damon_off
	echo 0 > "$KDAMONDS/nr_kdamonds"
	kill_targets
}

damon_off()
{
	local state

	for state in "$KDAMONDS"/*/state; do
		[ -e "$state" ] && has on "$state" &&
			echo off > "$state"
	done
}

# The processes that a test watches
targets=()
kill_targets()
{
	[ ${#targets[@]} = 0 ] || kill -9 "${targets[@]}" 2> /dev/null
	targets=()
}

# No process has this number: it is above the kernel's limit.
# shellcheck disable=SC2034 # used where this is sourced
NO_PID=2147483647

# put VALUE FILE: write; prints nothing, returns whether it was accepted
put()
{
	{ echo "$1" > "$2"; } 2> /dev/null
}

# damon_setup PID...: one kdamond with one context, to watch these processes
damon_setup()
{
	damon_off
	put 0 "$KDAMONDS/nr_kdamonds" &&
		put 1 "$KDAMONDS/nr_kdamonds" &&
		put 1 "$KDAMOND/contexts/nr_contexts" &&
		damon_targets "$@"
}

damon_targets()
{
	local i=0

	put $# "$CONTEXT/targets/nr_targets" || return
	while [ $# -gt 0 ]; do
		put "$1" "$CONTEXT/targets/$i/pid_target" || return
		i=$((i + 1))
		shift
	done
}

REGIONS=$CONTEXT/targets/0/regions

# ranges START END...: set the ranges of its first target
ranges()
{
	local i=0

	put $(($# / 2)) "$REGIONS/nr_regions" || return
	while [ $# -gt 0 ]; do
		put "$1" "$REGIONS/$i/start" && put "$2" "$REGIONS/$i/end" || return
		i=$((i + 1))
		shift 2
	done
}

# errno VALUE FILE: write VALUE, print the error: OK or a name such as EINVAL
errno()
{
	local message

	message=$({ echo "$1" > "$2"; } 2>&1) && {
		echo OK
		return
	}
	case $message in
	*"Invalid argument")		echo EINVAL ;;
	*"out of range")		echo ERANGE ;;
	*"allocate memory")		echo ENOMEM ;;
	*"resource busy")		echo EBUSY ;;
	*"not permitted")		echo EPERM ;;
	*"No such process")		echo ESRCH ;;
	*"Input/output error")		echo EIO ;;
	*"No such file or directory")	echo ENOENT ;;
	*)				echo "$message" ;;
	esac
}

# expect_errno NAME ERRNO VALUE FILE: a test
expect_errno()
{
	local got

	got=$(errno "$3" "$4")
	if [ "$got" = "$2" ]; then
		ktap_test_pass "$1"
	else
		ktap_test_fail "$1: $got instead of $2"
	fi
}

# expect NAME VALUE COMMAND...: a test of what COMMAND prints
expect()
{
	local name=$1 want=$2 got

	shift 2
	got=$("$@")
	if [ "$got" = "$want" ]; then
		ktap_test_pass "$name"
	else
		ktap_test_fail "$name: '$got' instead of '$want'"
	fi
}

# eventually SECONDS COMMAND...: whether COMMAND succeeds within that time
eventually()
{
	local tries=$(($1 * 10))

	shift
	while ! "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.1
	done
}

# Builtins only: on an emulated CPU a program takes a third of a second to start.
has()
{
	[ "$(< "$2")" = "$1" ]
}

# Start a process that does nothing; its process id is in $target.
start_idle()
{
	read -r -u "$NOTHING_FD" &
	target=$!
	disown
	targets+=("$target")
}

# tell COMMAND: send a command to the coprocess PAGES and print its answer
tell()
{
	local answer

	echo "$1" >&"${PAGES[1]}"
	read -r answer <&"${PAGES[0]}"
	echo "$answer"
}

# Set each page as a range of its own, in address order: physical pages are scattered.
# The test sets their addresses, $pages, and their size.
page_ranges()
{
	local address list=()

	# shellcheck disable=SC2154 # set where this is sourced
	for address in $(printf '%s\n' "${pages[@]}" | sort -n); do
		list+=("$address" $((address + size)))
	done
	ranges "${list[@]}"
}

# Swap to zram0, unless something is swapped to already; $swap is empty without any swap
swap=
swap_begin()
{
	local size

	swap=$(awk 'NR == 2 { print "others" }' /proc/swaps)
	[ -z "$swap" ] || return
	read -r size 2> /dev/null < /sys/block/zram0/disksize || return
	[ "$size" = 0 ] || return
	echo 64M > /sys/block/zram0/disksize
	mkswap /dev/zram0 > /dev/null && swapon /dev/zram0 && swap=zram0
}

# save FILE VALUE: write VALUE to FILE, until restore_saved
saved=()
save()
{
	[ -w "$1" ] || return
	saved+=("$1" "$(< "$1")")
	put "$2" "$1"
}

# Undo what save and swap_begin have done
restore_saved()
{
	local i

	for ((i = 0; i < ${#saved[@]}; i += 2)); do
		echo "${saved[i + 1]}" > "${saved[i]}"
	done
	if [ "$swap" = zram0 ]; then
		swapoff "/dev/$swap"
		echo 1 > "/sys/block/$swap/reset"
	fi
}
