#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The ABI document lists exactly the files that the tests of sysfs expect, and those of regions that a scheme was tried on,
# which are made while it runs
set -eu

tree=tests/selftests/sysfs_tree.sh
document=Documentation/ABI/testing/sysfs-kernel-mm-damon

# Replace numbers of directories by letters: kdamonds/0/ is kdamonds/<K>/
expected=$(sed -n "/cat << 'TREE'/,/^TREE/p" $tree |
	awk '$1 ~ /^[46]00$/ { print $2 }' |
	sed 's,kdamonds/0,kdamonds/<K>,; s,contexts/0,contexts/<C>,; s,targets/0,targets/<T>,; s,regions/0,regions/<R>,
		s,schemes/0,schemes/<S>,; s,filters/0,filters/<F>,; s,goals/0,goals/<G>,' |
	sort -u)
documented=$(sed -n 's,^What:\t*/sys/kernel/mm/damon/,,p' $document | grep -v '/tried_regions/<R>/' | sort)
[ "$(wc -l <<<"$expected")" -gt 10 ]
diff <(echo "$expected") <(echo "$documented")
