#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# perf damon reads what is in a record with several targets, in order of time: CPUs follow each other in rounds
set -u

template=tools-perf/tests/shell/damon/alternate.data
dir=$(mktemp -d /tmp/reader.XXXXXX)
trap 'rm -rf "$dir"' EXIT
status=0

fail()
{
	echo "FAILED: $*"
	status=1
}

make -s build/bench/lengthen || exit 1

# in_order FILE [SHUFFLE]: the regions in FILE by time, read without perf. With SHUFFLE, write to it a file in which
# the samples of each round are of eight CPUs in turn, and often of the same time.
in_order()
{
	LC_ALL=C perl -0777 -e '
		$_ = <STDIN>;
		my ($at, $size) = unpack("Q<Q<", substr($_, 40, 16));
		my ($end, @records, @round, @samples) = ($at + $size);
		srand(1);
		sub end_round {
			my @cpus;
			if (@ARGV) {
				for (@round) { substr($_, 24, 8) = pack("Q<", int(unpack("x24Q<", $_) / 1e7) * 1e7) }
				push(@{$cpus[rand(8)]}, $_) for @round;
				@round = map { @{$_ // []} } @cpus;
			}
			push(@samples, @round);
			push(@records, @round);
			@round = ();
		}
		while ($at < $end) {
			my ($type, undef, $size) = unpack("L<S<S<", substr($_, $at, 8));
			my $record = substr($_, $at, $size);
			$at += $size;
			if ($type == 9) { push(@round, $record); next }
			end_round() if @round;
			push(@records, $record);
		}
		end_round();
		# The time follows the address and the thread, and the raw data that, the CPU and the period.
		for (sort { unpack("x24Q<", $a) <=> unpack("x24Q<", $b) } @samples) {
			printf("%#x %#x %d %d\n", unpack("x" . (8 + 8 * 6 + 4 + 24) . "Q<Q<L<L<", $_));
		}
		if (@ARGV) {
			my ($at, $size) = unpack("Q<Q<", substr($_, 40, 16));
			substr($_, $at, $size) = join("", @records);
			open(my $file, ">", $ARGV[0]) or die;
			print $file $_;
		}' ${2+"$2"} <"$1"
}

# compare_script FILE: expect the regions in $dir/expected from perf script, which has the same reader
compare_script()
{
	perf script -f -i "$1" -F trace 2>/dev/null |
		sed 's/.*target_id=\([0-9]*\) nr_regions=[0-9]* \([0-9]*\)-\([0-9]*\): \([0-9]*\) \([0-9]*\)/\2 \3 \4 \5/' |
		while read -r start end accesses age; do
			printf '%#x %#x %d %d\n' "$start" "$end" "$accesses" "$age"
		done >"$dir/script"
	[ -s "$dir/expected" ] || fail "$1: nothing is in it"
	cmp "$dir/expected" "$dir/script" || fail "$1: perf script prints something else"
}

# compare FILE: expect the same regions from perf damon, too
compare()
{
	local file=$1

	compare_script "$file"
	perf damon report -f -i "$file" --raw >"$dir/out" 2>"$dir/err" || fail "$file: status $?: $(cat "$dir/err")"
	awk '$1 ~ /^0x/ { print $1, $2, $4, $5 }' "$dir/out" >"$dir/regions"
	cmp "$dir/expected" "$dir/regions" || fail "$file: other regions than are in it"
	! grep 'left out' "$dir/out" || fail "$file: not everything was read"
}

# out_of_order FILE: whether the order of events by time differs from that in the file
out_of_order()
{
	local places

	mapfile -t places < <(perf report -f -i "$1" -D 2>/dev/null | awk '/PERF_RECORD_SAMPLE/ { print $3 }')
	[ ${#places[@]} = 15000 ] && ! printf '%d\n' "${places[@]}" | sort -n -c 2>/dev/null
}

build/bench/lengthen --events 15000 --regions 100 "$template" "$dir/one.data" || fail "lengthen"
build/bench/lengthen --events 15000 --targets 3 --regions 300 "$template" "$dir/three.data" || fail "lengthen, targets"
in_order "$dir/one.data" >"$dir/expected"
compare "$dir/one.data"
in_order "$dir/three.data" >"$dir/expected"
compare "$dir/three.data"

# regions FILE OPTION...: the regions in a report
regions()
{
	perf damon report -f --raw -i "$@" 2>"$dir/err" || cat "$dir/err"
}

# A compressed record is read in pieces, which are not whole records.
tests/host/compress.py "$dir/three.data" "$dir/compressed.data" || fail "compress"
[ "$(stat -c %s "$dir/compressed.data")" -lt 400000 ] || fail "nothing is compressed"
compare "$dir/compressed.data"
in_order "$dir/three.data" "$dir/mixed.data" >"$dir/expected"
compare_script "$dir/mixed.data"

# Events from a pipe are sorted by perf's own queue.
build/bench/lengthen --events 15000 --targets 3 --regions 300 --stream "$template" "$dir/stream.data" || fail "lengthen --stream"
regions "$dir/three.data" >"$dir/mapped"
regions "$dir/stream.data" >"$dir/queued"
regions - <"$dir/stream.data" >"$dir/piped"
regions - <"$dir/three.data" >"$dir/redirected"
regions "$dir/compressed.data" >"$dir/inflated"
for way in queued piped redirected inflated; do
	cmp "$dir/mapped" "$dir/$way" || fail "$way: something else"
done
# A report that needs only one pass prints as the stream comes. What only its end tells comes behind that.
mkfifo "$dir/fifo"
regions - <"$dir/fifo" >"$dir/streamed" &
exec 3>"$dir/fifo"
head -c 1500000 "$dir/stream.data" >&3
for ((i = 0; i < 300; i++)); do
	[ "$(grep -c 0x "$dir/streamed")" -lt 1000 ] || break
	sleep 0.1
done
[ "$i" -lt 300 ] || fail "nothing is printed before the end of the stream"
tail -c +1500001 "$dir/stream.data" >&3
exec 3>&-
wait
cmp "$dir/mapped" "$dir/streamed" || fail "streamed: something else"
for format in raw wss; do
	perf damon report --$format -j -i "$dir/stream.data" 2>&1 | tr , '\n' | sort >"$dir/expected"
	perf damon report --$format -j -i - 2>&1 < <(cat "$dir/stream.data") | tr , '\n' | sort |
		cmp "$dir/expected" || fail "streamed: $format: something else"
done

out_of_order "$dir/three.data" || fail "nothing to put in order"

# What has been read, or decompressed and used, does not stay in memory: 72 MB and once more 72 MB here.
build/bench/lengthen --events 600000 "$template" "$dir/long.data" || fail "lengthen, many events"
tests/host/compress.py "$dir/long.data" "$dir/compressed.data" || fail "compress"
for file in long:100 compressed:50; do
	[ -z "${ASAN_OPTIONS:-}" ] || break	# ASan keeps what was freed, for a while
	python3 -c '
import resource, subprocess, sys
subprocess.run(["perf", "damon", "report", "-f", "--heats", "-i", sys.argv[1]], check=True, stdout=subprocess.DEVNULL)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
sys.exit("%d MB" % peak if peak > int(sys.argv[2]) else 0)' "$dir/${file%:*}.data" "${file#*:}" 2>"$dir/err" || fail "memory: $file: $(cat "$dir/err")"
done

# A file may have more targets than anybody monitors.
build/bench/lengthen --events 600000 --targets 100000 --regions 6 "$template" "$dir/many.data" || fail "lengthen, many targets"
timeout 60 perf damon report -f -i "$dir/many.data" --nr-regions -x, >"$dir/out" 2>"$dir/err" || fail "many targets: status $?: $(cat "$dir/err")"
[ "$(grep -c '^# .* snapshots\? in ' "$dir/out")" = 100000 ] || fail "many targets: not all"

! build/bench/lengthen "$dir/one.data" 2>"$dir/err" || fail "no output file is fine"
! build/bench/lengthen /dev/null "$dir/none" 2>"$dir/err" || fail "an empty template is fine"
exit $status
