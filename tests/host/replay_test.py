#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Test tests/selftests/replay.py with an imitation of the sysfs files in a temporary folder."""
import contextlib
import io
import os
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SELFTESTS = os.path.join(HERE, '..', 'selftests')
sys.path.insert(0, SELFTESTS)
sys.dont_write_bytecode = True
import replay

# Files with their first values, and directories; '*' is an element of a directory that has a count
RANGE = {'min': '0', 'max': '0'}
SCHEME = {
    'action': 'stat', 'target_nid': '-1', 'apply_interval_us': '0',
    'access_pattern': {'sz': RANGE, 'nr_accesses': RANGE, 'age': RANGE},
    'quotas': {
        'ms': '0', 'bytes': '0', 'reset_interval_ms': '0', 'effective_bytes': '0',
        'weights': {'sz_permil': '0', 'nr_accesses_permil': '0', 'age_permil': '0'},
        'goals': {
            'nr_goals': '0',
            '*': {'target_metric': 'user_input', 'target_value': '0', 'current_value': '0'},
        },
    },
    'watermarks': {'metric': 'none', 'interval_us': '0', 'high': '0', 'mid': '0', 'low': '0'},
    'filters': {'nr_filters': '0', '*': {'type': 'anon', 'matching': 'N'}},
    'stats': {'nr_tried': '0', 'sz_tried': '0', 'nr_applied': '0', 'sz_applied': '0', 'qt_exceeds': '0'},
    'tried_regions': {'total_bytes': '0'},
}
CONTEXT = {
    'avail_operations': 'vaddr\nfvaddr\npaddr', 'operations': 'vaddr',
    'monitoring_attrs': {
        'intervals': {'sample_us': '5000', 'aggr_us': '100000', 'update_us': '60000000'},
        'nr_regions': {'min': '10', 'max': '1000'},
    },
    'targets': {
        'nr_targets': '0',
        '*': {'pid_target': '0', 'regions': {'nr_regions': '0', '*': {'start': '0', 'end': '0'}}},
    },
    'schemes': {'nr_schemes': '0', '*': SCHEME},
}
KDAMONDS = {
    'nr_kdamonds': '0',
    '*': {'state': 'off', 'pid': '-1', 'contexts': {'nr_contexts': '0', '*': CONTEXT}},
}
REGIONS = [(4096, 8192), (8192, 65536), (1 << 40, 1 << 41)]


class Imitation(replay.Sysfs):
    """Ordinary files that are made and changed as the kernel does it."""
    patience = 0

    def __init__(self, root):
        super().__init__(root)
        self.regions = REGIONS
        self.make('', KDAMONDS)

    def path(self, path):
        return os.path.join(self.root, path)

    def make(self, path, template):
        os.makedirs(self.path(path), exist_ok=True)
        for name, value in template.items():
            if isinstance(value, dict) and name != '*':
                self.make(os.path.join(path, name), value)
            elif name != '*':
                self.store(os.path.join(path, name), value)

    def store(self, path, value):
        with open(self.path(path), 'w', encoding='ascii') as file:
            file.write(value + '\n')

    def write(self, path, value):
        directory, name = os.path.split(path)
        if not os.path.exists(self.path(path)):
            return 'ENOENT'
        if name == 'state':
            return self.command(directory, value)
        if name.startswith('nr_') and self.element(directory):
            self.resize(directory, int(value))
        self.store(path, value)
        return None

    def element(self, directory):
        """Return what an element of that directory is made of, or None."""
        template = KDAMONDS
        for name in filter(None, directory.split('/')):
            template = template['*' if name.isdigit() else name]
        return template.get('*')

    def resize(self, directory, count):
        for number in self.elements(directory):
            shutil.rmtree(self.path(os.path.join(directory, str(number))))
        for number in range(count):
            self.make(os.path.join(directory, str(number)), self.element(directory))

    def command(self, kdamond, word):
        if word in ('on', 'off'):
            self.store(f'{kdamond}/state', word)
            self.store(f'{kdamond}/pid', '127' if word == 'on' else '-1')
        elif word == 'update_schemes_stats':
            for scheme in self.schemes(kdamond):
                self.update_stats(f'{scheme}/stats')
        elif word == 'update_schemes_tried_regions':
            for scheme in self.schemes(kdamond):
                self.update_regions(f'{scheme}/tried_regions')
        elif word != 'commit':
            return 'EINVAL'
        return None

    def schemes(self, kdamond):
        directory = f'{kdamond}/contexts/0/schemes'
        return [f'{directory}/{number}' for number in self.elements(directory)]

    def update_stats(self, stats):
        self.store(f'{stats}/nr_tried', '3')
        self.store(f'{stats}/sz_tried', '12288')

    def update_regions(self, directory):
        for number, (start, end) in enumerate(self.regions):
            self.make(f'{directory}/{number}', {'start': str(start), 'end': str(end),
                                                'nr_accesses': '1', 'age': '0'})
        self.store(f'{directory}/total_bytes', str(sum(end - start for start, end in self.regions)))


class Accepts(Imitation):
    """A word that had an error is accepted."""

    def command(self, kdamond, word):
        return super().command(kdamond, 'commit' if word == 'update_tuned_intervals' else word)


class Refuses(Imitation):
    """A value that was accepted has an error."""

    def write(self, path, value):
        return 'ERANGE' if value == '3689348814741910528' else super().write(path, value)


class Changes(Imitation):
    """A file has another value than the one that was written."""

    def write(self, path, value):
        return super().write(path, '7' if path.endswith('sample_us') and value == '10000' else value)


class Lacks(Imitation):
    """A file is missing."""

    def read(self, path):
        return (None, 'ENOENT') if path.endswith('target_nid') else super().read(path)


class WithoutStats(Imitation):
    """Statistics are never updated."""

    def update_stats(self, stats):
        pass


class LateStats(Imitation):
    """Statistics are 0 at first."""
    patience = 5

    def __init__(self, root):
        super().__init__(root)
        self.updates = 0

    def update_stats(self, stats):
        self.updates += 1
        if self.updates % 3 == 0:
            super().update_stats(stats)


class WithoutPid(Imitation):
    """The kdamond that runs has no process id."""

    def read(self, path):
        return ('-1', None) if path == '0/pid' else super().read(path)


class WithoutRegions(Imitation):
    """No region was tried."""

    def __init__(self, root):
        super().__init__(root)
        self.regions = []


class BadRegion(Imitation):
    """A region ends before it begins."""

    def __init__(self, root):
        super().__init__(root)
        self.regions = REGIONS[:2] + [(1 << 40, 1 << 30)]


class BadTotal(Imitation):
    """The total is not the sum of the regions."""

    def update_regions(self, directory):
        super().update_regions(directory)
        self.store(f'{directory}/total_bytes', '4096')


# What is found: mismatches in all, tests that fail, and one of the mismatches
EXPECTED = {
    Imitation: (0, [], ''),
    Accepts: (4, ['report access', 'report damon'],
              'line 211: write 0/state update_tuned_intervals: expected EINVAL, got success'),
    Refuses: (5, ['start PID', 'report access'],
              'line 27: write 0/contexts/0/schemes/0/access_pattern/nr_accesses/max '
              '3689348814741910528: expected success, got ERANGE'),
    Changes: (1, ['record paddr'],
              'line 656: read 0/contexts/0/monitoring_attrs/intervals/sample_us: expected 10000, got 7'),
    Lacks: (2, ['report access', 'report damon, scheme statistics'],
            'line 393: read 0/contexts/0/schemes/0/target_nid: expected -1, got ENOENT'),
    WithoutStats: (4, ['report access', 'report damon, scheme statistics'],
                   'line 601: read 0/contexts/0/schemes/0/stats/sz_tried: '
                   'expected a number such as 31581170213, got 0'),
    LateStats: (0, [], ''),
    WithoutPid: (9, ['report access', 'record ongoing', 'report damon', 'record PID',
                     'report damon, scheme statistics', 'record paddr'],
                 'line 158: read 0/pid: expected a number such as 127, got -1'),
    WithoutRegions: (1, ['report access'],
                     'line 226: list 0/contexts/0/schemes/0/tried_regions: '
                     'expected regions 0, 1, ..., got none'),
    BadRegion: (1, ['report access'],
                'line 226: 0/contexts/0/schemes/0/tried_regions/2: expected a range from 65536 on, '
                'got 1099511627776-1073741824'),
    BadTotal: (1, ['report access'],
               'line 346: read 0/contexts/0/schemes/0/tried_regions/total_bytes: '
               'expected 1099511689216, got 4096'),
}


def check(kind, phases):
    """Return what is wrong with the output for this imitation."""
    mismatches, failed, line = EXPECTED[kind]
    output = io.StringIO()
    with tempfile.TemporaryDirectory() as root, contextlib.redirect_stdout(output):
        passed = replay.replay(kind(root), phases, os.getpid(), kind.patience)
    lines = output.getvalue().splitlines()
    found = [text[2:] for text in lines if text.startswith('# ')]
    not_ok = [text.split(' ', 3)[3] for text in lines if text.startswith('not ok')]
    right = len(found) == mismatches and not_ok == failed and passed == (not failed)
    return [] if right and (not line or line in found) else lines


def main():
    with open(os.path.join(SELFTESTS, 'tool-3.3.txt'), encoding='ascii') as file:
        phases = replay.parse(file.read())
    failures = 0
    for kind in EXPECTED:
        wrong = check(kind, phases)
        if wrong:
            failures += 1
            print(f'FAILED: {kind.__doc__} Output:\n' + '\n'.join(wrong))
    try:
        replay.parse('#\n# a phase\nread 0/state\n')
        failures += 1
        print('FAILED: a line that is no call is accepted')
    except ValueError:
        pass
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
