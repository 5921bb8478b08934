#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The benchmark scores right, and finds monitors out that lie
set -eu

exec tests/bench/selftest
