#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The monitor's core over imagined memory: what holds for any pattern
set -eu

exec tests/sim/properties
