#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Properties of the monitor's core that hold for any pattern, tested with simulated memory
set -eu

exec tests/sim/properties
