#!/bin/bash
# DAMON report in the browser
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_data
if ! command -v tmux >/dev/null; then
	echo "needs tmux, as a terminal"
	exit 2
fi
if ! perf check feature -q libslang; then
	echo "this perf has no browser"
	exit 2
fi
export HOME=$dir PERF_CONFIG_NOSYSTEM=1

nr_terminals=0

terminal()
{
	tmux -S "$dir/tmux$nr_terminals" -f /dev/null "$@"
}

# in_terminal COLUMNS LINES COMMAND: start the command in a terminal, with its exit status in a file
in_terminal()
{
	rm -f status
	nr_terminals=$((nr_terminals + 1))
	if ! terminal new-session -d -x "$1" -y "$2" "$3; echo \$? >status; cat"; then
		fail "tmux: status $?"
		exit 1
	fi
	background+=("$(terminal display -p '#{pid}')")
}

# browse COLUMNS LINES FILE OPTION...: start the browser
browse()
{
	local columns=$1 lines=$2 file=$3

	shift 3
	in_terminal "$columns" "$lines" "perf damon report -f -i '$data/$file' $* --tui"
}

# is_shown TEXT: the text is on the terminal
is_shown()
{
	terminal capture-pane -p >pane
	grep -q -e "$1" pane
}

# shown TEXT: wait for a text on the terminal; all of it is in the file pane afterwards
shown()
{
	is_shown "$1" || wait_for is_shown "$1"
	is_shown "$1" || cat pane
}

press()
{
	terminal send-keys "$@"
}

# same FILE: the terminal shows the file, but for empty lines
same()
{
	sed '/^ *$/d; s/ *$//' pane | diff "$1" - || fail "$1: not on the terminal"
}

# ended: the browser ends by itself, and gives the terminal back
ended()
{
	wait_for test -s status
	expect_status 0 "$(cat status)" "$1"
	terminal kill-server
}

# rows LINES COLUMNS OPTION...: what is printed without a terminal, in the form of the browser
rows()
{
	local lines=$1 columns=$2

	shift 2
	perf damon report -f "$@" | grep -v '^#\|^at \|^$\|^[^ ]*([^ ]* [^ ]*):\|snapshots in' | sed 's/^  //' |
		cut -c "1-$columns" | sed 's/ *$//' | head -n "$lines"
}

test_zoom()
{
	browse 120 14 alternate.data --mappings
	shown "? - help"
	{
		echo "alternate (pid 157): mappings in 20 snapshots"
		rows 11 120 -i "$data/alternate.data" --mappings
		echo "? - help"
	} >mappings
	same mappings
	press Enter
	shown "regions of \[anon\]"
	cat >regions <<-'END'
		alternate (pid 157): regions of [anon] at 4.01s
		frequency    age       for        size               start                 end
		    90.0%      1     200ms    14.88MiB      0x7f6cdac31000      0x7f6cdbb13000
		    65.0%      1     200ms      1.2MiB      0x7f6cdbb13000      0x7f6cdbc46000
		     2.5%      8      1.6s    39.73MiB      0x7f6cdbc46000      0x7f6cde400000
		     2.5%      8      1.6s       12KiB      0x7f6cde59c000      0x7f6cde59f000
		     2.5%      8      1.6s        8KiB      0x7f6cde78c000      0x7f6cde78e000
		     0.0%      0        0s     8.19MiB      0x7f6cda400000      0x7f6cdac31000
		? - help
	END
	same regions
	# There is nothing below.
	press Enter
	press Escape
	shown ": mappings in"
	same mappings
	# The first key only shows where the cursor is.
	press Down
	press Down
	press Enter
	shown "regions of .*libc.so.6 at 4.01s"
	press Escape
	shown ": mappings in"
	press Escape
	shown "Do you really want to exit?"
	press n
	press '?'
	shown "ENTER *Show the regions of a mapping"
	press Space
	shown ": mappings in"
	press Escape
	shown "Do you really want to exit?"
	press y
	ended "zoom"
}

# A mapping that has no region in the last snapshot, and columns that are chosen
test_no_regions()
{
	browse 90 12 alternate.data --mappings -F mapping,size_bytes -s mapping --tmax 1s
	shown "? - help"
	rows 9 90 -i "$data/alternate.data" --mappings -F mapping,size_bytes -s mapping --tmax 1s >chosen
	sed -i '1d; $d' pane
	same chosen
	press q
	ended "chosen columns"
}

test_regions()
{
	browse 120 30 alternate.data --regions --tmax 2s
	shown "? - help"
	{
		echo "alternate (pid 157): regions at $(perf damon report -f -i "$data/alternate.data" --regions --tmax 2s |
			sed -n 's/^at \(.*\): .*/\1/p')"
		rows 27 120 -i "$data/alternate.data" --regions --tmax 2s
		echo "? - help"
	} >all
	same all
	press End
	press C-c
	ended "regions"

	# Old kernels tell no ages.
	browse 120 30 plain-6.1.data --regions
	shown "? - help"
	press q
	ended "regions of Linux 6.1"
}

test_processes()
{
	browse 80 12 two.data --mappings
	shown "TAB - next process"
	expect "^worker (pid 179): mappings in 6 snapshots$" pane
	press Tab
	shown "^worker (pid 180): mappings in 6 snapshots$"
	press Tab
	shown "^worker (pid 179): mappings in 6 snapshots$"
	press BTab
	shown "^worker (pid 180): mappings in 6 snapshots$"
	# From the regions of one process to the other process
	press Enter
	shown "^worker (pid 180): regions of \[anon\] at"
	press Tab
	shown "^worker (pid 179): mappings in 6 snapshots$"
	# Names that are too long for the terminal are scrolled into it, with the size of the terminal.
	expect "/usr/lib/x86_64-linux-$" pane
	press Right Right Right
	shown "/usr/lib/x86_64-linux-gnu/libc.so.6"
	press Left Left Left
	shown "^accesses .* mapping"
	terminal resize-window -x 120 -y 6
	shown "/usr/lib/x86_64-linux-gnu/libc.so.6"
	press H
	wait_for is_gone "^accesses"
	press Enter
	shown "regions of \[anon\]"
	press q
	ended "processes"
}

# shellcheck disable=SC2317 # called by wait_for
is_gone()
{
	! is_shown "$1"
}

# Rows of all processes, and the regions of all of them
test_groups()
{
	browse 100 14 two.data --mappings -s dso -F overhead,wss_bytes,dso
	shown "? - help$"
	{
		echo "2 targets: mappings"
		rows 12 100 -i "$data/two.data" --mappings -s dso -F overhead,wss_bytes,dso
		echo "? - help"
	} >groups
	same groups
	press Tab
	press Enter
	shown "^2 targets: regions of \[anon\]$"
	expect "^frequency .* start  *end  *pid$" pane
	expect " 179$" pane
	expect " 180$" pane
	press Tab
	press Escape
	shown "^2 targets: mappings$"
	same groups
	press q
	ended "groups"

	# The regions of one process
	browse 100 14 two.data --mappings -s pid,dso -F overhead,pid,dso
	shown "? - help$"
	press Enter
	shown "^2 targets: regions of \[anon\]$"
	expect " 180$" pane
	! grep -q " 179$" pane || fail "regions of another process: $(cat pane)"
	press q
	ended "groups by process"

	# Columns of a given width
	browse 100 14 two.data --mappings -F overhead,dso -w 0,12
	shown "/usr/lib/x86\( \|$\)"
	press q
	ended "widths"
}

# A record that is damaged, or has not what is asked for, is an error before the terminal is taken.
test_errors()
{
	browse 120 10 alternate.data --mappings --pid 1
	shown "^no snapshot of this --pid or --target in"
	wait_for test -s status
	expect_status 195 "$(cat status)" "no such process"
	terminal kill-server
}

# Without a terminal it prints. Other reports have no browser.
test_no_terminal()
{
	local option

	perf damon report -f -i "$data/alternate.data" --mappings >expected
	perf damon report -f -i "$data/alternate.data" --mappings --tui </dev/null >out 2>err || fail "no terminal"
	diff expected out || fail "no terminal: something else"
	PAGER="cat" browse 120 30 alternate.data --mappings --stdio
	shown "accesses *frequency"
	ended "--stdio"
	for option in --heats --wss --raw ''; do
		# shellcheck disable=SC2086 # nothing is no option
		perf damon report -f -i "$data/alternate.data" $option --tui >out 2>err
		expect_status 129 $? "$option --tui"
		expect "^--tui is not for ${option:-the summary}, but for --regions and --mappings$" err
	done
	for option in '-x ,' -j; do
		# shellcheck disable=SC2086 # words
		perf damon report -f -i "$data/alternate.data" --mappings $option --tui >out 2>err
		expect_status 129 $? "$option --tui"
		expect "^--tui browses: there is nothing to print with -x or -j$" err
	done
}

test_zoom
test_no_regions
test_regions
test_processes
test_groups
test_errors
test_no_terminal
finish
