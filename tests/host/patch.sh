#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# scripts/patch: the series applies to a pristine tree, gives the same as the overlay, and passes checkpatch
set -eu

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
repo=$PWD
git config user.name >/dev/null || export GIT_CONFIG_COUNT=2 \
	GIT_CONFIG_KEY_0=user.name GIT_CONFIG_VALUE_0=tester \
	GIT_CONFIG_KEY_1=user.email GIT_CONFIG_VALUE_1=tester@localhost

scripts/patch "$tmp/patches"
scripts/pristine build/src "$tmp/overlaid"
scripts/overlay "$tmp/overlaid" >/dev/null
rm "$tmp/overlaid/.damon-overlay"
find "$tmp/overlaid" -type d -empty -delete	# git knows no empty folders

scripts/pristine build/src "$tmp/tree"
cd "$tmp/tree"
git init -q
git add -A -f
git -c user.name=tester -c user.email=tester@localhost commit -q -m pristine
git -c user.name=tester -c user.email=tester@localhost am -q "$tmp"/patches/*.patch
diff -r --exclude=.git . "$tmp/overlaid"

cd "$repo"
for patch in "$tmp"/patches/*.patch; do
	grep -q '^Signed-off-by: ' "$patch"
	build/src/scripts/checkpatch.pl --no-tree --terse --no-summary "$patch" >"$tmp/findings" || :
	if grep ' ERROR: ' "$tmp/findings"; then
		exit 1
	fi
done
