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
completes --ranges perf damon start --ra
completes --others perf damon stop --
exit $status
