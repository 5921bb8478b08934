#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Sourced by tests that check what is monitored: processes with hot memory,
# recordings of the tracepoint, and checks of these.

# shellcheck source=damon_lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/damon_lib.sh"

# A separate trace instance: the global one may be in use.
TRACING=/sys/kernel/tracing/instances/damon_test
EVENT=$TRACING/events/damon/damon_aggregated
here=$(dirname "$0")
work=$(mktemp -d)
events=$work/events

clean_up()
{
	damon_end
	echo 0 > "$EVENT/enable"
	rmdir "$TRACING"
	rm -rf "$work"
}

# damon_begin, and set up the trace instance
trace_begin()
{
	damon_begin "$@"
	[ -d /sys/kernel/tracing/events ] ||
		mount -t tracefs nodev /sys/kernel/tracing
	mkdir "$TRACING" || ktap_exit_fail_msg "can't make $TRACING"
	trap clean_up EXIT
	echo 8192 > "$TRACING/buffer_size_kb"
}

trace_start()
{
	: > "$TRACING/trace"
	echo 1 > "$EVENT/enable"
}

# events_of PID: each event of that kdamond becomes a line "target_id nr_regions
# start end nr_accesses age" in $events; returns whether there is any.
events_of()
{
	sed -n 's/^ *[^ ]*-'"$1"' .*target_id=\([0-9]*\) nr_regions=\([0-9]*\) \([0-9]*\)-\([0-9]*\): \([0-9]*\) \([0-9]*\)$/\1 \2 \3 \4 \5 \6/p' \
		"$TRACING/trace" > "$events"
	[ -s "$events" ]
}

# Stop tracing; $events gets the events of all kdamonds
trace_stop()
{
	echo 0 > "$EVENT/enable"
	events_of '[0-9]*'
}

# record SECONDS: run the kdamond and trace all its events
record()
{
	trace_start
	put on "$KDAMOND/state" && sleep "$1" && put off "$KDAMOND/state" &&
		trace_stop
}

# trace SECONDS: trace a running kdamond; the first and last snapshot may be incomplete
trace()
{
	trace_start
	sleep "$1"
	trace_stop
}

# touch_memory MIB HOT_MIB [huge]: start a process; sets target, start, end, hot and hot_end
touch_memory()
{
	local line

	exec 3< <("$here/touch_memory" "$@")
	target=$!
	targets+=("$target")
	read -r line <&3 || return
	read -r start end hot hot_end <<< "$line"
}

# well_formed MIN MAX: whether there are at least five snapshots, all complete, of MIN
# to MAX regions in address order.  Prints what is wrong.
well_formed()
{
	awk -v min="$1" -v max="$2" '
	left == 0	{ left = $2; last = 0; n++ }
	# During exec a process has only a page of stack, which is one region.
	$2 < min && $4 - $3 > 4096 || $2 > max || $3 < last || $4 <= $3 || $5 > 20 {
		print "# in snapshot " n ": " $0
		exit bad = 1
	}
			{ last = $4; left-- }
	END {
		if (!bad && left)
			print "# " left " regions are missing at the end"
		if (!bad && n < 5)
			print "# " n " snapshots"
		exit bad || left || n < 5
	}' "$events"
}

# Whether snapshots show at least 80 % of the hot memory as accessed, and at most
# 20 % of the cold.  A third of those in the second half is enough, as on a busy
# machine the target may not run in each sampling interval.
hot_is_seen()
{
	awk -v start="$start" -v end="$end" -v hot="$hot" -v hot_end="$hot_end" '
	function common(from, to,	s, e) {
		s = $3 > from ? $3 : from
		e = $4 < to ? $4 : to
		return e > s ? e - s : 0
	}
	left == 0	{ left = $2; n++ }
			{ left-- }
	$5 > 0 {
		inside[n] += common(hot, hot_end)
		outside[n] += common(start, hot) + common(hot_end, end)
	}
	END {
		for (i = int(n / 2) + 1; i <= n; i++) {
			later++
			right += inside[i] >= 0.8 * (hot_end - hot) &&
				 outside[i] <= 0.2 * (end - start - hot_end + hot)
		}
		printf "# %d of %d snapshots are right\n", right, later
		exit right < later / 3
	}' "$events"
}

target_ids()
{
	cut -d ' ' -f 1 "$events" | sort -u | tr '\n' ' '
}
