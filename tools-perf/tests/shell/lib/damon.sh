# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the tests of perf damon have in common. They run in a temporary directory of their own.

set -u

kdamonds=/sys/kernel/mm/damon/admin/kdamonds
# Recordings that the tests of reports read.
# shellcheck disable=SC2034
data=$(realpath "$(dirname "$0")")/damon
dir=$(mktemp -d /tmp/__perf_damon.XXXXXX)
background=()
failures=0

# shellcheck disable=SC2317 # called by the trap
cleanup()
{
	trap - EXIT TERM INT
	[ ${#background[@]} = 0 ] || kill "${background[@]}" 2>/dev/null
	wait
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' TERM INT
cd "$dir" || exit 1

fail()
{
	echo "FAILED: $*"
	failures=$((failures + 1))
}

# expect TEXT FILE: FILE has TEXT in it
expect()
{
	grep -q -e "$1" "$2" && return
	fail "no '$1' in:"
	cat "$2"
}

# expect_status EXPECTED STATUS WHAT
expect_status()
{
	[ "$1" = "$2" ] || fail "$3: status $2, expected $1"
}

# These tests take the machine's monitor: only where somebody has said that they may.
need_monitor()
{
	if [ "${PERF_TEST_DAMON:-}" != 1 ]; then
		echo "takes the machine's DAMON for itself: set PERF_TEST_DAMON=1 to allow it"
		exit 2
	fi
	if [ "$(id -u)" != 0 ] || [ ! -e $kdamonds ]; then
		echo "needs root and a kernel with CONFIG_DAMON_SYSFS"
		exit 2
	fi
	if [ "$(cat $kdamonds/nr_kdamonds)" != 0 ]; then
		echo "DAMON is in use"
		exit 2
	fi
}

need_data()
{
	[ -e "$data/alternate.data" ] && return
	echo "needs the recordings of perf's sources"
	exit 2
}

# Nothing that perf damon record does may stay.
expect_idle()
{
	[ "$(cat $kdamonds/nr_kdamonds)" = 0 ] || fail "$1: a kdamond is left in sysfs"
	! pgrep -x 'kdamond\.[0-9]+' >/dev/null || fail "$1: a kdamond is running"
}

# has_data PID: it has more than a shell has, as this one is before it becomes perl
has_data()
{
	[ "$(awk '/^VmData:/ { print $2 }' "/proc/$1/status")" -ge 4096 ]
}

# A target: some memory, and something to do with it.
start_target()
{
	perl -e '$m = "x" x (4 << 20); while (1) { $m =~ tr/x/x/; select(undef, undef, undef, 0.001) }' &
	target=$!
	background+=("$target")
	# Linux 6.1 never looks again which memory there is.
	wait_for has_data "$target"
}

# wait_for COMMAND...: at most half a minute
wait_for()
{
	local i
	for ((i = 0; i < 300; i++)); do
		"$@" && return
		sleep 0.1
	done
	fail "waited in vain for: $*"
}

# recorder PID: perf record that perf damon record, PID, has started
recorder()
{
	pgrep -P "$1" -x 'perf(-damon)?'
}

# recording PID: perf record has attached to the monitor, and waits for events
recording()
{
	local pid

	pid=$(recorder "$1") && grep -q poll "/proc/$pid/wchan"
}

# rewrite FILE CODE: FILE after Perl CODE has seen each record of its data, as $type, $misc and $body, which it may
# change but for the size, or the whole file as $_
rewrite()
{
	LC_ALL=C perl -0777 -e '
		$_ = <STDIN>;
		my ($at, $size) = unpack("QQ", substr($_, 40, 16));
		for (my $end = $at + $size; $at < $end; ) {
			our ($type, $misc, $body);
			($type, $misc, my $size) = unpack("LSS", substr($_, $at, 8));
			$body = substr($_, $at + 8, $size - 8);
			eval($ARGV[0]);
			die($@) if $@;
			substr($_, $at, $size) = pack("LSS", $type, $misc, $size) . $body;
			$at += $size;
		}
		print' "$2" <"$1"
}

# perf_as_nobody ARGUMENT...: perf run by a user who is neither root nor the owner of our files
perf_as_nobody()
{
	# Nobody else can go there: to this directory, and perhaps to that of perf.
	[ -e perf ] || cp "$(readlink -f "$(command -v perf)")" perf
	chmod 755 .
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid 65534 --clear-groups ./perf "$@"
	else
		./perf "$@"
	fi
}

finish()
{
	[ "$failures" = 0 ]
	exit
}
