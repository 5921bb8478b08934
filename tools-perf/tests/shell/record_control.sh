#!/bin/bash
# perf record: notes and mappings by the control descriptor
# SPDX-License-Identifier: GPL-2.0

set -e

dir=$(mktemp -d /tmp/__perf_control.XXXXXX)
target=
threads=

# shellcheck disable=SC2317 # called by the trap
cleanup()
{
	trap - EXIT TERM INT
	[ -z "$target$threads" ] || kill -KILL $target $threads
	{ wait; } 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' TERM INT
cd "$dir"

fail()
{
	echo "FAILED: $*"
	exit 1
}

# tell TEXT...: give perf record commands at once, and wait for their acknowledgments
tell()
{
	local ack text

	printf '%s\n' "$@" >&3
	for text; do
		read -r -t 10 ack <&4 || fail "no acknowledgment of: $text"
		[ "${ack//[^a-z]/}" = ack ] || fail "'$ack' is no acknowledgment of: $text"
	done
}

# dump FILE: print notes, and the files that the target has mapped
dump()
{
	perf script -D -i "$1" 2>/dev/null | tr -d '\0' >dump
	sed -n 's/^\.\.\. note:  //p' dump >notes
	sed -n "s/.*PERF_RECORD_MMAP2 $target\/$target: .* //p" dump >maps
}

sleep 1000 &
target=$!
mkfifo ctl ack
exec 3<>ctl 4<>ack
perf record -q -e dummy:u -p $target --control fifo:ctl,ack -o control.data 2>err &
record=$!
tell ping
long=$(printf '%01000d' 7)
tell "note of a thousand digits: $long"
# All that was said before stop is done.
tell 'maps 4000000' "maps $target" 'note last; with, signs: --x @5' stop
wait $record || fail "perf record: $(cat err)"

dump control.data
printf '%s\n' "of a thousand digits: $long" 'last; with, signs: --x @5' >expected
diff expected notes || fail "notes in a file"
[ "$(grep -c '/sleep$' maps)" = 2 ] || fail "not the same mappings twice: $(cat maps)"
mv maps maps.file

# perf inject keeps notes, from file to file and through pipes.
perf inject -i control.data -o inject.data
for file in inject.data pipe.data; do
	[ -e $file ] || perf inject -i control.data -o - | perf inject -i - -o pipe.data
	dump $file
	diff expected notes || fail "notes in $file"
	diff maps.file maps || fail "mappings in $file"
done

# If the first thread of a process has ended, its mappings are those of the others.
command -v python3 >/dev/null || exit 0
python3 -c '
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(1000,)).start()
ctypes.CDLL(None).pthread_exit(None)' &
threads=$!
for ((i = 0; i < 100; i++)); do
	! grep -q '^State:.*zombie' /proc/$threads/status || break
	sleep 0.1
done
perf record -q -e dummy:u -p $threads --control fifo:ctl,ack -o threads.data 2>err &
record=$!
tell ping
tell "maps $threads"
tell stop
wait $record || fail "perf record without the first thread: $(cat err)"
perf script --show-mmap-events -F comm,tid -i threads.data >maps 2>/dev/null
[ "$(grep -c "MMAP2 $threads/.*libc" maps)" = 2 ] || fail "mappings without the first thread: $(cat maps)"
