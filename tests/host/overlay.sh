#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# scripts/overlay is complete and repeatable, changes all or nothing, and prints one clear line for an unusable tree
set -eu

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'echo "FAILED: line $LINENO"' ERR
tree=$tmp/tree

fail()
{
	echo "FAILED: $*"
	exit 1
}

# state TREE: name, time, mode and content of every file
state()
{
	(cd "$1" && find . -type f -printf '%p %T@ %m ' -exec sha1sum {} \;)
}

# refuses TREE PATTERN: expect one line that matches PATTERN, status 1, and nothing changed
refuses()
{
	local before status=0
	[ ! -d "$1" ] || before=$(state "$1")
	scripts/overlay "$1" >"$tmp/stdout" 2>"$tmp/stderr" || status=$?
	[ $status = 1 ] || fail "$1: status $status instead of 1"
	[ ! -s "$tmp/stdout" ] || fail "$1: talks of success"
	[ "$(wc -l <"$tmp/stderr")" = 1 ] || fail "$1: not one line: $(cat "$tmp/stderr")"
	grep -q -e "$2" "$tmp/stderr" || fail "$1: does not say '$2': $(cat "$tmp/stderr")"
	[ ! -d "$1" ] || [ "$(state "$1")" = "$before" ] || fail "$1: changed"
}

echo "# a tree of somebody else, shared through hard links"
scripts/pristine build/src "$tmp/shared"
before=$(state "$tmp/shared")
cp -al "$tmp/shared" "$tree"
scripts/overlay "$tree" | grep -q '^Next:' || fail "does not say what to do next"
[ "$(state "$tmp/shared")" = "$before" ] || fail "wrote through a hard link"

echo "# ours is there, the tree's own is not"
for file in kernel/Kconfig include/linux/damon.h; do
	case $file in
	kernel/*)	cmp $file "$tree/mm/damon/${file#kernel/}" ;;
	*)		cmp $file "$tree/$file" ;;
	esac
done
(cd kernel && find . -type f | sort) >"$tmp/ours"
(cd "$tree/mm/damon" && find . -type f | sort) >"$tmp/theirs"
diff "$tmp/ours" "$tmp/theirs"
[ "$(grep -c cmd_damon "$tree/tools/perf/perf.c")" = 1 ] || fail "perf's command table"

echo "# a second run writes nothing"
before=$(state "$tree")
scripts/overlay "$tree" >/dev/null
[ "$(state "$tree")" = "$before" ] || fail "a second run changed something"

echo "# a changed file is written, a dropped one goes, objects stay"
touch "$tree/mm/damon/region.o"
echo stale >"$tree/mm/damon/Kconfig"
echo dropped >"$tree/mm/damon/dropped.c"
sed -i '1i mm/damon/dropped.c' "$tree/.damon-overlay"
scripts/overlay "$tree" >/dev/null
cmp kernel/Kconfig "$tree/mm/damon/Kconfig"
[ ! -e "$tree/mm/damon/dropped.c" ] || fail "keeps a file that we dropped"
[ -e "$tree/mm/damon/region.o" ] || fail "removes a build object"

echo "# a line that the table no longer has goes"
printf '\n@ Kconfig\n source "mm/Kconfig"\n+source "dropped"\n' >>"$tree/.damon-overlay"
sed -i 's,^source "mm/Kconfig"$,&\nsource "dropped",' "$tree/Kconfig"
scripts/overlay "$tree" >/dev/null
cmp build/src/Kconfig "$tree/Kconfig"

echo "# lines that are removed or replaced, once, and come back when the table no longer has them"
mkdir "$tmp/fork"
cp -r scripts kernel include tools-perf Documentation tests "$tmp/fork"
cat >>"$tmp/fork/scripts/overlay.lines" <<'LINES'

@ Kconfig
 source "mm/Kconfig"
 
-source "net/Kconfig"
-
 source "drivers/Kconfig"

@ Kconfig
-source "crypto/Kconfig"
+# No
+# crypto
 
 source "lib/Kconfig"
LINES
sed '/net.Kconfig/,+1d; s/^source "crypto.Kconfig"$/# No\n# crypto/' build/src/Kconfig >"$tmp/changed"
"$tmp/fork/scripts/overlay" "$tree" >/dev/null
cmp "$tmp/changed" "$tree/Kconfig"
before=$(state "$tree")
"$tmp/fork/scripts/overlay" "$tree" >/dev/null
[ "$(state "$tree")" = "$before" ] || fail "a second run changed something"
rm "$tree/.damon-overlay"
"$tmp/fork/scripts/overlay" "$tree" >/dev/null
cmp "$tmp/changed" "$tree/Kconfig"
scripts/overlay "$tree" >/dev/null
cmp build/src/Kconfig "$tree/Kconfig"

echo "# refusals"
refuses "$tmp/nowhere" 'no such folder'
mkdir "$tmp/empty"
refuses "$tmp/empty" 'not a kernel source tree'
scripts/pristine build/src "$tmp/old"
sed -i 's/^PATCHLEVEL = .*/PATCHLEVEL = 1/' "$tmp/old/Makefile"
refuses "$tmp/old" 'Linux 6.1 is too old'
scripts/pristine build/src "$tmp/moved"
sed -i '/cmd_kwork/d' "$tmp/moved/tools/perf/perf.c"
refuses "$tmp/moved" 'tools/perf/perf.c: no line .*cmd_kwork'
scripts/pristine build/src "$tmp/twice"
sed -i "s/.*cmd_kwork.*/&\n&/" "$tmp/twice/tools/perf/builtin.h"
refuses "$tmp/twice" 'tools/perf/builtin.h: more than one line .*cmd_kwork'
scripts/pristine build/src "$tmp/gone"
rm "$tmp/gone/tools/perf/command-list.txt"
refuses "$tmp/gone" 'command-list.txt: not in'
make -s overlay KSRC= 2>&1 | grep -q 'make overlay KSRC=/path' || fail "does not ask for KSRC"
