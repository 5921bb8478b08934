#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The evaluation: costs and tables are right, and monitors that did nothing are found out
set -eu

exec tests/eval/selftest
