# SPDX-License-Identifier: GPL-2.0
"""The programs of programs.sh, one a row."""
import collections

# needs is the command that has to be there
Program = collections.namedtuple('Program', 'name needs quick title')

PROGRAMS = [
    Program('redis', 'redis-check-rdb', 1, 'redis-server, few of 80,000 keys are hot'),
    Program('zstd', 'zstd', 1, 'zstd -9 --long=26 of a tar file'),
    Program('sqlite', 'sqlite3', 1, 'sqlite3, rows by key, some more often'),
]

# Not a real program: its accesses are known.
SAMPLED = Program('sampled', 'build/workloads/sampled', 0, 'a generator')
