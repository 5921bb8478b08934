# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A monitor in the guest by sysfs, and its tracepoint in a ring buffer that is read afterwards. Sourced by
# scripts that measure. Almost everything is a shell builtin: an emulated CPU takes a third of a second to start
# a program.
#
# results	folder for what is found
# name		of what is measured: its folder in there
# target	process to be monitored, or for physical addresses START-END
# before_on	a function that is called before the monitor is switched on
# shellcheck disable=SC2154 # these are the caller's

# Settings: intervals in microseconds, and bounds of the number of regions
sample=5000 aggr=100000 update=1000000
min=10 max=1000
operations=vaddr
buffer=24576		# of the tracepoint, in KiB for each CPU

kdamonds=/sys/kernel/mm/damon/admin/kdamonds
kdamond=$kdamonds/0
context=$kdamond/contexts/0
tracing=/sys/kernel/tracing/instances/bench

# put VALUE FILE: write VALUE; if that is refused, the case fails
put()
{
	{ echo "$1" >"$2"; } 2>/dev/null || fail "'$1' not accepted by $2"
}

# End a case, which runs in a subshell
fail()
{
	[ -e "$results/$name/failed" ] || echo "$*" >"$results/$name/failed"
	exit 1
}

# prepare: the tracepoint, which the caller enables
prepare()
{
	# No probes in the scheduler that record names of processes. The instance inherits this.
	echo 0 >/sys/kernel/tracing/options/record-cmd
	mkdir -p $tracing || exit
	echo mono >$tracing/trace_clock
	echo $buffer >$tracing/buffer_size_kb
	cat $tracing/events/damon/damon_aggregated/format >"$results/format"
	# The same addresses with both kernels, and no hole of random size before the heap
	echo 0 >/proc/sys/kernel/randomize_va_space
}

# system_memory: the largest range of it
system_memory()
{
	awk -F '[- :]+' '/^[0-9a-f].*: System RAM/ { print $1, $2 }' /proc/iomem | while read -r start end; do
		echo $((0x$end - 0x$start)) "0x$start-0x$end"
	done | sort -n | tail -n 1 | cut -d ' ' -f 2
}

# swap_on SIZE: swap space in memory
swap_on()
{
	put "$1" /sys/block/zram0/disksize
	busybox mkswap /dev/zram0 >/dev/null
	busybox swapon /dev/zram0 || fail "no swap"
}

# monitor_on: watch the target
monitor_on()
{
	local attrs=$context/monitoring_attrs
	put 1 $kdamonds/nr_kdamonds
	put 1 $kdamond/contexts/nr_contexts
	put "$operations" $context/operations
	put "$sample" $attrs/intervals/sample_us
	put "$aggr" $attrs/intervals/aggr_us
	put "$update" $attrs/intervals/update_us
	# In this order the minimum is never above the maximum.
	put 3 $attrs/nr_regions/min
	put "$max" $attrs/nr_regions/max
	put "$min" $attrs/nr_regions/min
	put 1 $context/targets/nr_targets
	if [ "$operations" = paddr ]; then
		put 1 $context/targets/0/regions/nr_regions
		put $((${target%-*})) $context/targets/0/regions/0/start
		put $((${target#*-})) $context/targets/0/regions/0/end
	else
		put "$target" $context/targets/0/pid_target
	fi
	before_on
	put on $kdamond/state
}

# save WHEN FILE...: counters of the kernel, in the format that cost.py reads
save()
{
	local when=$1
	shift
	{
		echo "time:$EPOCHREALTIME"
		busybox grep -H '' "$@"
	} >"$results/$name/$when"
}

monitor_off()
{
	[ ! -e $kdamond/state ] || [ "$(<$kdamond/state)" != on ] || echo off >$kdamond/state
	echo 0 >$kdamonds/nr_kdamonds
}

save_events()
{
	local cpu stats
	for cpu in "$tracing"/per_cpu/cpu*; do
		stats=$(<"$cpu/stats")
		echo "$stats" >"$results/$name/${cpu##*/}.stats"
		[[ $stats != "entries: 0"* ]] || continue
		# dd ends with EAGAIN when there is no more.
		dd if="$cpu/trace_pipe_raw" of="$results/$name/${cpu##*/}.raw" bs=4096 iflag=nonblock 2>/dev/null
	done
}
