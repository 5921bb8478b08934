#!/bin/bash
# DAMON defaults from perf's configuration
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_data
export LINES=25 COLUMNS=80 HOME=$dir PERF_CONFIG_NOSYSTEM=1
unset PERF_CONFIG NO_COLOR

# configure KEY=VALUE...: nothing else is configured
configure()
{
	rm -f .perfconfig
	[ $# = 0 ] || perf config "$@"
}

heats()
{
	perf damon report -f -i "$data/alternate.data" --heats "$@" 2>err || fail "heats $*: $(cat err)"
	[ ! -s err ] || fail "heats $*: $(cat err)"
}

test_palette()
{
	configure color.ui=always
	heats >heat.map
	heats --palette gray >gray.map
	cmp -s heat.map gray.map && fail "one palette looks like the other"
	configure color.ui=always damon.palette=gray damon.sample=1ms
	heats | diff gray.map - || fail "damon.palette is not used"
	heats --palette heat | diff heat.map - || fail "--palette does not override damon.palette"
	configure color.ui=never
	NO_COLOR=1 heats --stdio-color always | diff heat.map - || fail "--stdio-color always"
	configure color.ui=always
	heats --stdio-color never >never.map
	! grep -q "$(printf '\033')" never.map || fail "--stdio-color never"
	heats --stdio-color auto | diff never.map - || fail "--stdio-color auto"
	configure damon.palette=gray damon.sample=1ms
	perf damon report -f -i "$data/alternate.data" --raw >out || fail "--raw with damon.palette"
}

# refuse TEXT KEY=VALUE... -- ARGUMENT...: one line, without perf's
refuse()
{
	local text=$1 config=()

	shift
	while [ "$1" != -- ]; do
		config+=("$1")
		shift
	done
	shift
	configure "${config[@]}"
	chmod 644 .perfconfig
	# perf reads a file of another user only if that is asked for by name.
	PERF_CONFIG=${PERF_CONFIG-$HOME/.perfconfig} perf_as_nobody damon "$@" >out 2>err
	expect_status 129 $? "${config[*]} $*"
	[ "$(cat err)" = "$text" ] || fail "${config[*]} $*: $(cat err)"
}

# Nothing is monitored: nobody may not.
test_bad_values()
{
	local file=$HOME/.perfconfig command

	for command in "record -- true" "start -p 1"; do
		# shellcheck disable=SC2086 # words
		{
		refuse "damon.sample in $file: '5' is not a time: give a number and a unit, such as 100us, 5ms or 1s" \
			damon.sample=5 -- $command
		refuse "damon.aggr in $file: '9999999999h' is too big" damon.aggr=9999999999h -- $command
		refuse "damon.update in $file: '1ns' is too small: 1us is the least" damon.update=1ns -- $command
		refuse "damon.min-regions in $file: '2' is too small: 3 is the least" damon.min-regions=2 -- $command
		refuse "damon.max-regions in $file: 'many' is not a number" damon.max-regions=many -- $command
		refuse "$file: damon.aggr: 100ms is shorter than damon.sample, 200ms" damon.sample=200ms -- $command
		refuse "$file: damon.max-regions: 100 is less than damon.min-regions, 200" \
			damon.min-regions=200 damon.max-regions=100 -- $command
		}
	done
	configure damon.palette=blue
	perf damon report -f -i "$data/alternate.data" >out 2>err
	expect_status 129 $? "damon.palette=blue"
	[ "$(cat err)" = "damon.palette in $file: 'blue' is neither heat, gray, viridis nor paper" ] ||
		fail "damon.palette=blue: $(cat err)"
	[ ! -s out ] || fail "damon.palette=blue: a report"
	heats --palette gray >out
}

# What is configured counts for the checks of options, and options override it.
test_settings()
{
	configure damon.sample=30ms damon.aggr=300ms damon.min-regions=20 damon.max-regions=500
	chmod 644 .perfconfig
	export PERF_CONFIG=$HOME/.perfconfig
	perf_as_nobody damon record --aggr 10ms -- true 2>err
	expect "^--aggr: 10ms is shorter than --sample, 30ms$" err
	perf_as_nobody damon record --sample 400ms -- true 2>err
	expect "^--aggr: 300ms is shorter than --sample, 400ms$" err
	perf_as_nobody damon record --max-regions 19 -- true 2>err
	expect "^--max-regions: 19 is less than --min-regions, 20$" err
	perf_as_nobody damon record --min-regions 501 -- true 2>err
	expect "^--max-regions: 500 is less than --min-regions, 501$" err
	# Without the option, there is perf's default.
	perf_as_nobody damon record --no-sample --aggr 4ms -- true 2>err
	expect "^--aggr: 4ms is shorter than --sample, 5ms$" err
	unset PERF_CONFIG
}

# Which file it is: perf's variable, or the user's own
test_files()
{
	configure damon.palette=gray
	echo '[damon]
	palette = pink' >other
	PERF_CONFIG=$dir/other perf damon report -f -i "$data/alternate.data" >out 2>err
	expect_status 129 $? "another file"
	[ "$(cat err)" = "damon.palette in $dir/other: 'pink' is neither heat, gray, viridis nor paper" ] ||
		fail "another file: $(cat err)"
}

test_unknown_keys()
{
	configure damon.sampling=5ms damon.palette=gray
	perf damon report -f -i "$data/alternate.data" >out 2>err || fail "an unknown key: status $?"
	[ "$(cat err)" = "damon.sampling in $HOME/.perfconfig: not known, there are damon.palette damon.sample damon.aggr damon.update damon.min-regions damon.max-regions" ] ||
		fail "an unknown key: $(cat err)"
	# Not every kernel has it.
	configure damon.tlb-flushes=0
	perf damon report -f -i "$data/alternate.data" >out 2>err || fail "tlb-flushes: status $?"
	expect "^damon.tlb-flushes in $HOME/.perfconfig: not known" err
}

test_palette
test_bad_values
test_settings
test_files
test_unknown_keys
finish
