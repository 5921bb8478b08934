#!/bin/bash
# DAMON commands and options are completed
# SPDX-License-Identifier: GPL-2.0

completion=$(dirname "$0")/../../perf-completion.sh
if [ ! -e "$completion" ]; then
	echo "needs perf's sources"
	exit 2
fi
# shellcheck source=/dev/null
. "$completion"

status=0

# completes EXPECTED WORD...: EXPECTED is among the completions of the last word
completes()
{
	local expected=$1

	shift
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	COMPREPLY=()
	COMP_TYPE=9
	_perf 2>/dev/null
	printf '%s\n' "${COMPREPLY[@]}" | sed 's/ *$//' | grep -qxe "$expected" && return
	echo "FAILED: '$*' is not completed to $expected, but to: ${COMPREPLY[*]}"
	status=1
}

completes damon perf dam
completes status perf damon stat
completes start perf damon sta
completes help perf damon he
completes --tui perf damon report --tu
completes --ranges perf damon start --ra
completes --symfs perf damon report --symf
completes --others perf damon stop --
completes --switch-output perf damon record --switch-o
completes minor-faults perf damon record -e minor-f
completes printf perf damon record -- print
completes printf perf damon record -p 1 -- print
completes printf perf record -- print

# Options of the recorded program are not completed by perf.
COMP_WORDS=(perf damon record -- printf --r)
COMP_CWORD=5
COMPREPLY=()
_perf 2>/dev/null
if [ ${#COMPREPLY[@]} != 0 ]; then
	echo "FAILED: an option of a program is completed to ${COMPREPLY[*]}"
	status=1
fi
exit $status
