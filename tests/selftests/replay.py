#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Replay what a tool for DAMON once wrote to and read from sysfs, and compare the results.

replay.py [--root DIR] [RECORDING]

RECORDING (tool-3.3.txt) describes its own format.  A comment in it begins a phase of the tool,
which is one test here.  Each write and read is repeated in its order, with a program that is
started for that as PID.  What depends on the program or on the run only has to be plausible.
"""
import argparse
import collections
import errno
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
KDAMONDS = '/sys/kernel/mm/damon/admin/kdamonds'
SKIP = 4

# Numbers that depend on the program or on the run; one that was 0 or -1 has to be that
VARYING = re.compile(r'\d+/pid$|.*/stats/\w+$|.*/tried_regions/total_bytes$')
# A file of a region that a scheme has tried; how many there are depends on the run, too
REGION_FILE = re.compile(r'(.*/tried_regions)/\d+/(?:start|end|nr_accesses|age)$')
STATS_FILE = re.compile(r'(\d+)/.*/stats/\w+$')

Phase = collections.namedtuple('Phase', 'name calls')
# A line of the recording; error is the name of an errno, or None
Call = collections.namedtuple('Call', 'line operation path value error')


def parse(text):
    """Return the phases of a recording that have calls."""
    lines = text.splitlines()
    # The comment at the head ends with the last empty one.
    begin = max((i for i, line in enumerate(lines) if line == '#'), default=-1) + 1
    phases = []
    for number, line in enumerate(lines[begin:], begin + 1):
        call = re.fullmatch(r'(read|write) (\S+) (\S*?)(?: -> (E[A-Z0-9]+))?', line)
        if line.startswith('# '):
            phases.append(Phase(line[2:], []))
        elif call and phases:
            phases[-1].calls.append(Call(number, *call.groups()))
        elif line:
            raise ValueError(f'line {number} is no call: {line}')
    return [phase for phase in phases if phase.calls]


def error_name(error):
    return errno.errorcode.get(error.errno, str(error))


class Sysfs:
    """The files below a directory of kdamonds.  In values, "|" is the end of a line."""

    def __init__(self, root):
        self.root = root

    def write(self, path, value):
        """Return None or the name of an errno."""
        try:
            with open(os.path.join(self.root, path), 'wb', buffering=0) as file:
                file.write(value.replace('|', '\n').encode())
        except OSError as error:
            return error_name(error)
        return None

    def read(self, path):
        """Return (value, None) or (None, name of an errno)."""
        try:
            with open(os.path.join(self.root, path), encoding='ascii') as file:
                return file.read().rstrip('\n').replace('\n', '|'), None
        except OSError as error:
            return None, error_name(error)

    def elements(self, path):
        """Return the numbers of the directories there."""
        try:
            names = os.listdir(os.path.join(self.root, path))
        except OSError:
            return []
        return sorted(int(name) for name in names if name.isdigit())

    def clear(self):
        for kdamond in self.elements(''):
            if self.read(f'{kdamond}/state') == ('on', None):
                self.write(f'{kdamond}/state', 'off')
        self.write('nr_kdamonds', '0')


class Replay:
    """Repeats calls; mismatches are printed."""

    def __init__(self, sysfs, pid, patience=20):
        self.sysfs = sysfs
        self.pid = str(pid)
        self.patience = patience    # seconds
        self.sizes = {}             # tried regions read since the last write: directory, bytes
        self.mismatches = 0

    def mismatch(self, what, expected, got):
        self.mismatches += 1
        print(f'# {what}: expected {expected}, got {got}')

    def run(self, phase):
        """Return whether all results are as they were."""
        before = self.mismatches
        for call in phase.calls:
            if call.operation == 'write':
                self.write(call)
            elif REGION_FILE.match(call.path):
                self.read_regions(call)
            else:
                self.read(call)
        return self.mismatches == before

    def write(self, call):
        self.sizes.clear()
        got = self.sysfs.write(call.path, call.value.replace('PID', self.pid))
        if got != call.error:
            self.mismatch(f'line {call.line}: write {call.path} {call.value}',
                          call.error or 'success', got or 'success')

    def read(self, call):
        expected = call.error or call.value.replace('PID', self.pid)
        varies = VARYING.match(call.path) and expected not in ('0', '-1')
        got = self.read_counted(call) if varies else self.read_once(call)
        directory = os.path.dirname(call.path)
        if varies and directory in self.sizes:
            expected, varies = str(self.sizes[directory]), False
        if not (got.isdigit() and int(got) if varies else got == expected):
            self.mismatch(f'line {call.line}: read {call.path}',
                          f'a number such as {expected}' if varies else expected, got or 'nothing')

    def read_once(self, call):
        value, error = self.sysfs.read(call.path)
        return error or value

    def read_counted(self, call):
        """Read a number that was not 0.  The tool was slower, so a scheme may need more time."""
        stats = STATS_FILE.match(call.path)
        end = time.monotonic() + self.patience
        got = self.read_once(call)
        while stats and got == '0' and time.monotonic() < end:
            time.sleep(0.1)
            self.sysfs.write(f'{stats[1]}/state', 'update_schemes_stats')
            got = self.read_once(call)
        return got

    def read_regions(self, call):
        """Read all files of all regions that there are now, once until the next write."""
        directory = REGION_FILE.match(call.path)[1]
        if directory in self.sizes:
            return
        self.sizes[directory] = 0
        names = self.sysfs.elements(directory)
        if not names or names != list(range(len(names))):
            self.mismatch(f'line {call.line}: list {directory}', 'regions 0, 1, ...',
                          names or 'none')
        last = 0
        for name in names:
            last = self.read_region(call, directory, name, last)

    def read_region(self, call, directory, name, last):
        """Return the end of the region; last is the end of the one before."""
        values = {}
        for file in ('start', 'end', 'nr_accesses', 'age'):
            path = f'{directory}/{name}/{file}'
            got, error = self.sysfs.read(path)
            if error or not got.isdigit():
                self.mismatch(f'line {call.line}: read {path}', 'a number',
                              error or got or 'nothing')
                return last
            values[file] = int(got)
        if not last <= values['start'] < values['end']:
            self.mismatch(f'line {call.line}: {directory}/{name}',
                          f'a range from {last} on', f"{values['start']}-{values['end']}")
        self.sizes[directory] += values['end'] - values['start']
        return values['end']


def replay(sysfs, phases, pid, patience=20):
    """Print KTAP results.  Return whether all tests passed."""
    run = Replay(sysfs, pid, patience)
    passed = True
    print(f'1..{len(phases)}')
    for number, phase in enumerate(phases, 1):
        right = run.run(phase)
        passed &= right
        print(f'{"ok" if right else "not ok"} {number} {phase.name}', flush=True)
    return passed


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--root', default=KDAMONDS, help=f'directory of kdamonds ({KDAMONDS})')
    parser.add_argument('recording', nargs='?', default=os.path.join(HERE, 'tool-3.3.txt'))
    args = parser.parse_args()
    with open(args.recording, encoding='ascii') as file:
        phases = parse(file.read())

    print('TAP version 13')
    sysfs = Sysfs(args.root)
    if sysfs.read('nr_kdamonds') != ('0', None):
        print('1..0 # SKIP no DAMON, not root, or in use')
        return SKIP
    command = [os.path.join(HERE, 'touch_memory'), '64', '16']
    with subprocess.Popen(command, stdout=subprocess.PIPE) as target:
        try:
            target.stdout.readline()    # it has its memory
            return 0 if replay(sysfs, phases, target.pid) else 1
        finally:
            sysfs.clear()
            target.kill()


if __name__ == '__main__':
    sys.exit(main())
