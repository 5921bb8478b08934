#!/bin/bash
# DAMON commands typed by habit work, or are answered with what to type
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_data

# run ARGUMENT...: run perf damon; never as root, who could turn a monitor on
run()
{
	if [[ " $* " = *" record "* || " $* " = *" start "* || " $* " = *" stop "* ]]; then
		perf_as_nobody damon "$@"
	else
		perf damon "$@"
	fi >out 2>err </dev/null
}

# One line each, and nothing else: what is typed, and the answer
test_answers()
{
	local typed answer

	while IFS='|' read -r typed answer; do
		# shellcheck disable=SC2086 # words
		run $typed
		expect_status 129 $? "$typed"
		[ "$(cat err)" = "$answer" ] || fail "perf damon $typed: $(cat err)"
		[ ! -s out ] || fail "perf damon $typed: $(cat out)"
	done <<-'END'
		top|perf damon top: to see it live: perf damon record -o - -p PID | perf damon report --raw
		live -p 1|perf damon live: to see it live: perf damon record -o - -p PID | perf damon report --raw
		monitor|perf damon monitor: perf damon start -p PID turns the monitor on, perf damon record also records it
		trace -p 1|perf damon trace: to record: perf damon record -p PID; to see events: perf damon script
		stat sleep 1|perf damon stat: perf damon status tells what is monitored; perf damon report sums up
		list|perf damon list: perf damon status lists what is monitored
		ps|perf damon ps: perf damon status lists what is monitored
		info|perf damon info: perf damon status -v tells what DAMON supports in this kernel
		heat|perf damon heat: perf damon report --heats
		heats|perf damon heats: perf damon report --heats
		heatmap|perf damon heatmap: perf damon report --heats
		map|perf damon map: perf damon report --heats is a heat map, --mappings has names
		wss|perf damon wss: perf damon report --wss
		mappings -i x|perf damon mappings: perf damon report --mappings
		regions|perf damon regions: perf damon report --regions
		raw|perf damon raw: perf damon report --raw
		dump|perf damon dump: perf damon report --raw
		guide|perf damon guide: perf damon report --guide
		points|perf damon points: perf damon report --points
		plot a.png|perf damon plot: perf damon report --plot FILE.png
		show|perf damon show: perf damon report shows a record; 'perf damon help report' lists how
		print|perf damon print: perf damon report shows a record; 'perf damon help report' lists how
		latency|perf damon latency: perf damon report shows a record; 'perf damon help report' lists how
		timehist|perf damon timehist: perf damon report shows a record; 'perf damon help report' lists how
		annotate|perf damon annotate: perf damon report --mappings -F accesses_percent,symbol,mapping
		diff a b|perf damon diff: the record is read by perf's own, without 'damon' before it: perf diff
		inject -b|perf damon inject: the record is read by perf's own, without 'damon' before it: perf inject
		archive|perf damon archive: the record is read by perf's own, without 'damon' before it: perf archive
		data convert|perf damon data: the record is read by perf's own, without 'damon' before it: perf data
		evlist|perf damon evlist: the record is read by perf's own, without 'damon' before it: perf evlist
		config|perf damon config: perf config damon.sample=10ms and so on, see 'perf help config'
		test|perf damon test: perf test DAMON
		run ls|perf damon run: perf damon record -- COMMAND
		attach 1|perf damon attach: perf damon start -p PID turns the monitor on
		on|perf damon on: perf damon start -p PID turns the monitor on
		off|perf damon off: perf damon stop turns the monitor off
		version|perf damon version: perf version
		-v|perf damon -v: perf version, or -v behind a command
		--version|perf damon --version: perf version
		-p 1|perf damon -p: an option of which command? 'perf damon help' lists them
		--heats|perf damon --heats: an option of which command? 'perf damon help' lists them
		rcord -p 1|perf damon has no command 'rcord': did you mean 'record'?
		sta|perf damon has no command 'sta': did you mean 'start'?
		replay|perf damon has no command 'replay': 'perf damon help' lists them
		help xyz|perf damon has no command 'xyz': 'perf damon help' lists them
		record -I 100 ls|-I: the time of a snapshot is --aggr 100ms
		record --interval 5 ls|--interval: --sample is between two checks, --aggr the time of a snapshot
		record --regions 100 ls|--regions: how many there are: --min-regions and --max-regions
		record -C 0 sleep 1|-C: memory belongs to processes, not to CPUs: -p PID, or -a
		record -t 1|-t: threads share their memory: -p TID is its process
		record --all-cpus sleep 1|-A: physical memory is -a, a process -p PID
		record --timeout 5 -p 1|--timeout: --duration 10s
		record -d ls|-d: addresses are always recorded: leave it out
		record -T ls|-T: times are always recorded: leave it out
		record -f ls|-f: an old file is kept as FILE.old: leave it out
		record -B ls|-B: build IDs are always recorded: leave it out
		record --all-user ls|--all-user: the kernel's own memory is not monitored: leave it out
		record --phys-data ls|--phys-data: physical memory is monitored with -a
		record -b ls|-b: is for samples of a CPU, which DAMON does not take: leave it out
		record --per-thread ls|--per-thread: is for samples of a CPU, which DAMON does not take: leave it out
		record -j ls|-j: perf damon report -j prints JSON
		record 1|1: no command: a process is given as -p 1
		record -p 1 2 3|2: no command: several processes are given as -p 123,456
		start 1|what is '1'? usage: perf damon start [<options>] -p <pid>[,<pid>...]
		start -g -p 1|-g: DAMON's events have no callers; others: -e page-faults --call-graph fp
		start -F 99 -p 1|-F: accesses are checked for at intervals: --sample 5ms
		stop -p 1|-p: all of it is stopped: leave it out
		status -p 1|-p: all of it is listed: leave it out
		status all|what is 'all'? usage: perf damon status [-v]
		report perf.data|what is 'perf.data'? A file to read is given with -i
		report heats|what is 'heats'? A report is chosen by --heats
		report -n|-n: snapshots are always counted, regions by --nr-regions
		report -p 1|-p: a process is chosen by --pid 123
		report --comms x|-c: a process is chosen by --pid or --target
		report -d libc.so|-d: --mappings has a row for each file
		report -S main|-S: --mappings -F accesses_percent,symbol,mapping
		report -o x|-o: perf damon report >FILE, or --plot FILE.png
		report --stats|--stats: perf report --stats -i FILE
		report -k vmlinux|-k: the kernel's own memory is not monitored: leave it out
		report --no-children|--children: DAMON sees which memory is accessed, not by what code: leave it out
		report -g caller|-g: DAMON sees which memory is accessed, not by what code: leave it out
		report -U|-U: perf damon report --mappings | grep -v unknown
		report -T|-T: threads share their memory: leave it out
		report -C 0|-C: memory belongs to processes, not to CPUs: --pid
		report -a|-a: all of the record is reported: leave it out
		report --hierarchy|--hierarchy: --mappings --tui goes from a mapping into its regions
		report --inline|what is '--inline'? 'perf damon help report' lists the options
		report -Mintel|what is '-Mintel'? 'perf damon help report' lists the options
		report --max-rows 5|--max-rows: perf damon report | head
		report --gtk|--gtk: there is no GTK browser: --tui or --stdio
	END
}

# What perf's other commands print of themselves
test_usage()
{
	cat >usage <<-'END'

		 Usage: perf damon {record|report|script|start|status|stop|help} [<options>]

		    record    monitor memory and record it
		    report    show what was recorded
		    script    print the events, as perf script does
		    start     monitor memory until it is stopped
		    status    print what is monitored
		    stop      end what start, or a killed record, has left
		    help      print this, or the options of a command


	END
	for typed in '' -h help 'help help'; do
		# shellcheck disable=SC2086 # words
		run $typed
		expect_status 129 $? "perf damon $typed"
		cmp usage err || fail "perf damon $typed: $(cat err)"
	done
	perf sched >out 2>err
	expect_status 129 $? "perf sched"

	for typed in 'help record' 'record -h' 'rec --help' 'help rec'; do
		# shellcheck disable=SC2086 # words
		run $typed
		expect_status 129 $? "perf damon $typed"
		expect '^ Usage: perf damon record \[<options>\] -p <pid>' err
		expect '^        --aggr <time>     time in which accesses are counted' err
		! grep -e --timeout err || fail "perf damon $typed tells of what it has not"
	done
	run help script
	expect '^ Usage: perf script' err
	[ "$(perf damon --list-cmds)" = "record report script start status stop help " ] ||
		fail "--list-cmds: $(perf damon --list-cmds)"
	! perf damon record --list-opts | grep -e --timeout || fail "--list-opts tells of what it has not"
}

# Both are man perf-damon.
test_manual()
{
	mkdir bin
	printf '#!/bin/sh\necho "man $*"\n' >bin/man
	chmod +x bin/man
	for typed in 'help damon' 'damon --help'; do
		# shellcheck disable=SC2086 # words
		PATH=$PWD/bin:$PATH perf $typed >out 2>err || fail "perf $typed: status $?"
		[ "$(cat out)" = "man perf-damon" ] || fail "perf $typed: $(cat out err)"
	done
}

# What is typed by habit, and works
test_work()
{
	local file=$data/alternate.data typed

	for typed in "report -f -i $file" "rep -f -i $file" "report -fi $file --stdio" \
		"report --input $file --force --mappings -v" "report -f -i $file --regions --sort size_bytes" \
		"script -f -i $file" "script -f -i $file -F time,event" "scr -f -i $file --header"; do
		# shellcheck disable=SC2086 # words
		run $typed || fail "perf damon $typed: status $?: $(cat err)"
		[ -s out ] || fail "perf damon $typed prints nothing"
	done
	perf damon report < <(cat "$file") >out 2>err || fail "a pipe: $(cat err)"
	perf damon report <"$file" >out 2>err && fail "no perf.data here"
	expect "^no perf.data here: 'perf damon record' makes one, -i names another$" err
	cp "$file" perf.data
	run report || fail "perf damon report: $(cat err)"
}

# refused MESSAGE OPTION...: one line says what is wrong with an option of perf record, and nothing is recorded
refused()
{
	local message=$1
	shift

	run record -o none.data "$@"
	expect_status 129 $? "record $*"
	head -n 1 err >line
	expect "$message" line
	[ ! -e none.data ] || fail "record $*: a file"
}

test_passed()
{
	refused "^-g: DAMON's events have no callers; .*--call-graph" -g -p 1
	refused "^--count: of which events? give them with -e" -c 10 -p 1
	refused "^--call-graph: of which events?" --call-graph fp -p 1
	refused "^--filter: of which event? give it behind its -e" --filter a==1 -e page-faults -p 1
	refused "option .count' expects a numerical value" -e page-faults -c x -p 1
	refused "^-k: the kernel has 'realtime' for no tracepoint" -k realtime -p 1
	refused "^-D: '5,6' is not a delay" -D 5,6 -p 1
	refused "^-D: '20-30,30-40' is not a delay" -D 20-30,30-40 -p 1
	refused "^-D: nobody would enable the events: give --control" -D -1 -p 1
	refused "^--control: 'x' is not fd:N" --control x -p 1
	refused "^--control: 'fd:99' is not fd:N" --control fd:99 -p 1
	refused "^Failed to open 'nowhere'" --control fifo:nowhere -p 1
	refused "^--user: nothing is run" --user nobody -p 1
	refused "^--user: there is no user 'no such'" --user 'no such' -- true
	run record -o - --switch-output -p 1
	expect "^--switch-output: the standard output is one file" err
}

test_answers
test_passed
test_usage
test_manual
test_work
finish
