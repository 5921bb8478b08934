# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Common functions of the tests of perf damon. Each test runs in its own temporary directory.

set -u

# Times of day are those of one time zone.
export TZ=UTC

kdamonds=/sys/kernel/mm/damon/admin/kdamonds
# Directory of the recordings for the tests of reports.
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

# expect TEXT FILE: FILE contains TEXT
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

# Skip the test, unless it is allowed to use the machine's DAMON.
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

# expect_reports FILE: the reports that standard input asks for, in each line a record and options, are what FILE has
expect_reports()
{
	local record options

	while read -r record options; do
		echo "== $record${options:+ $options}"
		# shellcheck disable=SC2086 # options
		perf damon report -f -i "$data/$record" $options 2>err || fail "$record $options: status $?"
		[ ! -s err ] || fail "$record $options: $(cat err)"
	done >all
	diff "$data/$1" all || fail "prints something else"
}

# is_ours: the kernel has the monitor of this project
is_ours()
{
	[ -e /sys/module/damon/parameters/max_tlb_flushes ]
}

# expect_idle WHAT: no kdamond is configured or running
expect_idle()
{
	[ "$(cat $kdamonds/nr_kdamonds)" = 0 ] || fail "$1: a kdamond is left in sysfs"
	! pgrep -x 'kdamond\.[0-9]+' >/dev/null || fail "$1: a kdamond is running"
}

# has_data PID: PID has more data than a shell, so it is already perl
has_data()
{
	[ "$(awk '/^VmData:/ { print $2 }' "/proc/$1/status")" -ge 4096 ]
}

# start_target: start a process that accesses some memory
start_target()
{
	perl -e '$m = "x" x (4 << 20); while (1) { $m =~ tr/x/x/; select(undef, undef, undef, 0.001) }' &
	target=$!
	background+=("$target")
	# Linux 6.1 never updates the regions, so the memory has to be mapped first.
	wait_for has_data "$target"
}

# wait_for COMMAND...: wait until COMMAND succeeds, at most 30 seconds
wait_for()
{
	local i
	for ((i = 0; i < 300; i++)); do
		"$@" && return
		sleep 0.1
	done
	fail "waited in vain for: $*"
}

# recorder PID: print the process of perf record that was started by perf damon record PID
recorder()
{
	pgrep -P "$1" -x 'perf(-damon)?'
}

# recording PID: perf record, started by perf damon record PID, waits for events
recording()
{
	local pid

	pid=$(recorder "$1") && grep -q poll "/proc/$pid/wchan"
}

# settings FILE: print the settings of kdamonds, one a line, as perf damon record has stored them
settings()
{
	perf script -D -f -i "$1" 2>/dev/null | tr -d '\0' | sed -n 's/^\.\.\. note:  damon:settings @[0-9]* //p'
}

# rewrite FILE CODE: print FILE after running Perl CODE for each record of its data. CODE may change $type, $misc
# and $body, but not the size, and the whole file as $_. All records here are little-endian, on any machine.
rewrite()
{
	LC_ALL=C perl -0777 -e '
		$_ = <STDIN>;
		my ($at, $size) = unpack("Q<Q<", substr($_, 40, 16));
		for (my $end = $at + $size; $at < $end; ) {
			our ($type, $misc, $body);
			($type, $misc, my $size) = unpack("L<S<S<", substr($_, $at, 8));
			$body = substr($_, $at + 8, $size - 8);
			eval($ARGV[0]);
			die($@) if $@;
			substr($_, $at, $size) = pack("L<S<S<", $type, $misc, $size) . $body;
			$at += $size;
		}
		print' "$2" <"$1"
}

# changed FACTOR ACCESSES: write alternate.data to changed.data, from its eleventh snapshot on with FACTOR times the
# interval and ACCESSES times the accesses
# shellcheck disable=SC2016 # Perl in single quotes
changed()
{
	rewrite "$data/alternate.data" 'if ($type == 9) {
		my $time = unpack("x16Q<", $body);
		our $first //= $time;
		my $since = $time - $first - 1900e6;
		if ($since > 0) {
			substr($body, 16, 8) = pack("Q<", $time + $since * ('"$1"' - 1));
			substr($body, 92, 4) = pack("L<", unpack("x92L<", $body) * '"$2"');
		} }' >changed.data
}

# perf_as_nobody ARGUMENT...: run perf as a user who is not root and, if we are root, does not own our files
perf_as_nobody()
{
	# Make perf accessible to other users, who cannot enter this directory and maybe that of perf.
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
