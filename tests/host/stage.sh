#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# scripts/stage is quiet on success; on failure it shows the stage, the status and the end of the log
set -eu

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'echo "FAILED: line $LINENO"' ERR

scripts/stage building "$tmp/logs/log" -- echo output >"$tmp/stdout" 2>"$tmp/stderr"
grep -q '^building .* 0 s$' "$tmp/stdout"
[ ! -s "$tmp/stderr" ]
[ "$(cat "$tmp/logs/log")" = output ]

status=0
scripts/stage building "$tmp/log" -- sh -c 'seq 100; echo broken; exit 3' >"$tmp/stdout" 2>"$tmp/stderr" || status=$?
[ $status = 3 ]
grep -q "^building .*FAILED, status 3; log $tmp/log" "$tmp/stderr"
[ "$(tail -n 1 "$tmp/stderr")" = broken ]
[ "$(wc -l <"$tmp/stderr")" = 21 ]
[ "$(wc -l <"$tmp/log")" = 101 ]
