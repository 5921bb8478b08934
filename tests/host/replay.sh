#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# tests/selftests/replay.py accepts files that behave as those of the recording did, and finds each difference
set -eu

exec tests/host/replay_test.py
