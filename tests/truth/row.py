# SPDX-License-Identifier: GPL-2.0
"""A program in a guest with the plugin: what was seen, and its scores."""
import hashlib
import json
import pathlib
import re
import shutil
import subprocess

import accesses
import events
import results
import scores

REPO = pathlib.Path(__file__).resolve().parents[2]
PLUGIN = REPO / 'build/truth/plugin.so'
PROGRAMS = REPO / 'tests/truth/programs.sh'
SCORERS = [REPO / 'tests/truth' / name
           for name in ('accesses.py', 'bound.py', 'joint.py', 'scores.py')]
TOOLS = (REPO / 'tests/truth/guest', PROGRAMS, REPO / 'tests/bench/monitor.sh')
# The emulator runs string instructions byte by byte. The plugin reads addresses of System.map.
APPEND = 'clearcpuid=erms,rep_good nokaslr'
MEMORY = '2G'
LIMIT = 7200            # seconds that a guest may take, of the time of a machine that may be busy


class Failed(Exception):
    """A row has no result; the message tells why."""


def digest(*parts):
    """Identifies what a result depends on."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part.read_bytes() if isinstance(part, pathlib.Path) else str(part).encode())
    return whole.hexdigest()[:16]


def start_of(program):
    """The function of programs.sh that starts a program."""
    found = re.search(r'^start_%s\(\)$.*?^}$' % program.name, PROGRAMS.read_text(), re.M | re.S)
    return found[0] if found else ''


class Row:
    """A program on one kernel: its raw data, and what is scored of it, which is kept."""

    def __init__(self, out, program, variant, label, image, seconds, run=1):
        self.program, self.variant, self.label = program, variant, label
        self.image, self.seconds = pathlib.Path(image), seconds
        name = ' '.join((program.name, variant.name, label)).replace(' ', '-')
        if run > 1:
            name += '-%d' % run
        self.folder, self.kept = out / 'raw' / name, out / 'rows' / (name + '.json')
        # Of the raw data, and of what is kept: other scores need no other guest.
        self.key = digest(self.image, PLUGIN, seconds, variant, start_of(program))
        self.kept_key = digest(self.key, *SCORERS)

    def title(self):
        return '%s, %s' % (self.program.name, self.variant.name)

    def result(self):
        """What was kept, to be scored, or None."""
        try:
            kept = json.loads(self.kept.read_text())
            return scores.from_json(kept['watched']) if kept['key'] == self.kept_key else None
        except (OSError, ValueError, KeyError):
            return None

    def run(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        for tool in TOOLS:
            shutil.copy(tool, self.folder)
        layout, seen = self.folder / 'layout', self.folder / 'accesses'
        tree = self.image.parent / 'linux'
        layout.write_bytes(subprocess.run([REPO / 'tests/truth/layout', tree],
                                          stdout=subprocess.PIPE, check=True).stdout)
        command = [REPO / 'tests/vm/run', '--kernel', self.image, '--out', self.folder,
                   '--mem', MEMORY, '--append', APPEND, '--timeout', str(LIMIT),
                   '--plugin', '%s,layout=%s,out=%s' % (PLUGIN, layout, seen),
                   '--', '/out/guest', self.program.name, str(self.seconds),
                   self.variant.operations, self.variant.huge]
        with open(self.folder / 'log', 'w', encoding='utf-8') as log:
            status = subprocess.run(command, stdout=log, stderr=log, check=False).returncode
        if status:
            raise Failed('guest ended, status %d, see %s/log' % (status, self.folder))

    def has_raw(self):
        key = self.folder / 'key'
        return key.is_file() and key.read_text() == self.key

    def load(self):
        """Aggregations, snapshots, process number of the target, percent of time that it ran."""
        try:
            return self.read()
        except (results.Failed, events.Malformed, accesses.Malformed, ValueError) as e:
            raise Failed(e) from None

    def read(self):
        here = self.folder / self.program.name
        if (here / 'failed').exists():
            raise Failed(results.read(here / 'failed').strip())
        lost = sum(events.lost(results.read(stats)) for stats in here.glob('*.stats'))
        if lost:
            raise Failed('%d events lost' % lost)
        # None has all of memory.
        tgid = int(results.read(here / 'target')) if self.variant.operations == 'vaddr' else None
        buffers = [raw.read_bytes() for raw in sorted(here.glob('*.raw'))]
        snapshots, broken = events.snapshots(
            events.aggregated(buffers, results.read(self.folder / 'format')))
        if broken:
            raise Failed('%d snapshots incomplete' % broken)
        percent = int(results.read(here / 'percent'))
        return accesses.load(self.folder / 'accesses', {tgid}), snapshots, tgid, percent

    def measure(self):
        """Run the guest, unless that is done, keep what is to be scored, and return it."""
        if not self.has_raw():
            self.run()
        try:
            loaded = self.load()
            (self.folder / 'key').write_text(self.key)
            watched = scores.watch(*loaded)
        except scores.Failed as e:
            raise Failed(e) from None
        self.kept.parent.mkdir(parents=True, exist_ok=True)
        kept = {'key': self.kept_key, 'watched': scores.to_json(watched)}
        self.kept.write_text(json.dumps(kept))
        return watched
