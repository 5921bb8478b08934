# SPDX-License-Identifier: GPL-2.0
"""Runs of build/sim/sim, for tests/sim/run and tests/sim/properties."""
import collections
import pathlib
import subprocess
import sys

REPO = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO / 'tests/bench'))

import events
import truth

# log is what truth.parse() takes; longest is None if it was not asked for
Run = collections.namedtuple('Run', 'name seed snapshots log longest')
# costs are since the run began; regions is empty with --no-regions
Snapshot = collections.namedtuple('Snapshot', 'time flushes interrupts pages acted acted_hot '
                                  'acted_ns bytes needed regions places cold')
Place = collections.namedtuple('Place', 'start end said true hinted')


def parse_snapshot(words, lines):
    """lines is an iterator that continues after the line of the snapshot."""
    regions, places = [], []
    for line in lines:
        word, *rest = line.split()
        if word == 'r':
            regions.append(events.Region(*truth.parse_range(rest[0]), *map(int, rest[1:])))
        elif word == 'place':
            places.append(Place(*truth.parse_range(rest[0]), *map(float, rest[1:3]), rest[3] == '1'))
        elif word == 'cold':
            return Snapshot(*map(int, words), regions, places, float(rest[0]))
    raise ValueError('a snapshot that has no end')


def parse(text):
    found, log, lines = [], [], iter(text.splitlines())
    for line in lines:
        word, *rest = line.split()
        if word == 'run':
            log = []
            found.append(Run(' '.join(rest[:-1]), int(rest[-1]), [], log, None))
        elif word == 'snapshot':
            found[-1].snapshots.append(parse_snapshot(rest, lines))
        elif word == 'longest':
            found[-1] = found[-1]._replace(longest=int(rest[0]))
        else:
            log.append(line)
    return found


def run(patterns, *options):
    """Run patterns, lines of text, and return a list of Run; a mistake ends the program."""
    done = subprocess.run([REPO / 'build/sim/sim', *map(str, options)], input=patterns, text=True,
                          stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit('build/sim/sim: status %d' % done.returncode)
    return parse(done.stdout)
