# SPDX-License-Identifier: GPL-2.0
"""The programs of programs.sh, one a row."""
import collections
import re
import shutil

from guests import REPO

FUNCTIONS = REPO / 'tests/truth/programs.sh'

# needs is a command or file that has to be there; work is how much of its units it does in the
# evaluation, or None for all that there is. It is to take a minute, which was measured for redis
# and sqlite; for others it is an estimate so far.
Program = collections.namedtuple('Program', 'name needs quick work title')

# How a program is watched: operations of the monitor, transparent huge pages
Variant = collections.namedtuple('Variant', 'name operations huge quick')
VARIANTS = [
    Variant('rec', 'vaddr', 'never', 1),
    Variant('rec huge', 'vaddr', 'always', 0),
    Variant('prec', 'paddr', 'never', 0),
    Variant('prec huge', 'paddr', 'always', 0),
]

NUMPY = '/usr/lib/python3/dist-packages/numpy/__init__.py'
MEMCACHED = 'build/truth/memcached/usr/bin/memcached'
POSTGRES = 'build/truth/postgresql/.unpacked'
PROGRAMS = [
    Program('redis', 'redis-check-rdb', 1, 300000, 'redis-server, few of 80,000 keys are hot'),
    Program('zstd', 'zstd', 1, 100, 'zstd -9 --long=26 of a tar file'),
    Program('sqlite', 'sqlite3', 1, 300, 'sqlite3, rows by key, the last ones more often'),
    Program('xz', 'xz', 0, 5, 'xz -9 of a tar file'),
    Program('memcached', MEMCACHED, 0, 10000, 'memcached, few of 80,000 values are hot'),
    Program('gcc', 'gcc', 0, None, 'cc1 -O3 of the scheduler of Linux'),
    Program('git', 'git', 0, None, 'git pack-objects'),
    Program('stockfish', '/usr/games/stockfish', 0, 1000000, 'stockfish, a hash table of 256 MiB'),
    Program('numpy', NUMPY, 0, 10, 'numpy, Fourier transforms'),
    Program('postgres', POSTGRES, 0, 5000, 'postgres, one of two clients of pgbench'),
    Program('x264', 'x264', 0, 100, 'x264 of a film of 1280 x 720'),
    Program('povray', 'povray', 0, 500, 'povray, a landscape'),
    Program('bwa', 'bwa', 0, 45000, 'bwa mem, short reads'),
    Program('minimap2', 'minimap2', 0, 1000, 'minimap2, long reads'),
]

# Not real programs: their accesses are known.
SAMPLED = Program('sampled', 'build/workloads/sampled', 0, None, 'a generator')
STRIDES = Program('strides', 'build/workloads/strides', 0, None, 'a generator of misses')


def is_there(program):
    return bool(shutil.which(program.needs)) or (REPO / program.needs).exists()


def start_of(program):
    """The function of programs.sh that starts a program, and those that it calls."""
    functions = dict(re.findall(r'^(\w+)\(\)\n(.*?^}$)', FUNCTIONS.read_text(), re.M | re.S))
    found, names = [], ['start_' + program.name]
    while names:
        body = functions.pop(names.pop(), '')
        found.append(body)
        names += sorted(set(functions).intersection(re.findall(r'\w+', body)))
    return '\n'.join(found)
