# SPDX-License-Identifier: GPL-2.0
"""A program in a guest with the plugin: what was seen, and its scores."""
import pathlib
import subprocess

import accesses
import events
import guests
import programs
import results
import scores

from guests import REPO, Failed

PLUGIN = REPO / 'build/truth/plugin.so'
SCORERS = [REPO / 'tests/truth' / name
           for name in ('accesses.py', 'bound.py', 'joint.py', 'page_samples.py', 'scores.py')]
TOOLS = (REPO / 'tests/truth/guest', programs.FUNCTIONS, REPO / 'tests/bench/monitor.sh')
# The emulator runs string instructions byte by byte. The plugin reads addresses of System.map.
APPEND = 'clearcpuid=erms,rep_good nokaslr'
MEMORY = '2G'
LIMIT = 7200            # seconds that a guest may take, of the time of a machine that may be busy


def write_layout(tree, file):
    """The plugin's table of a kernel that was built in a tree."""
    file.write_bytes(subprocess.run([REPO / 'tests/truth/layout', tree], stdout=subprocess.PIPE,
                                    check=True).stdout)


def plugin_options(layout, seen, *more):
    """Options of tests/vm/run; what the plugin has seen goes to a file."""
    return ['--plugin', ','.join(map(str, (PLUGIN, 'layout=%s' % layout, 'out=%s' % seen, *more)))]


class Row:
    """A program on one kernel: its raw data, and what is scored of it, which is kept."""

    study = ()              # more options of the plugin

    def __init__(self, out, program, variant, label, image, seconds, seed=1):
        self.program, self.variant, self.label = program, variant, label
        self.image, self.seconds = pathlib.Path(image), seconds
        name = ' '.join((program.name, variant.name, label)).replace(' ', '-')
        if seed > 1:
            name += '-%d' % seed
        self.seed = seed
        key = guests.digest(self.image, PLUGIN, seconds, variant, programs.start_of(program))
        self.kept = guests.Kept(out, name, key, SCORERS)
        self.folder = self.kept.folder

    def title(self):
        return '%s, %s' % (self.program.name, self.variant.name)

    def result(self):
        """What was kept, to be scored, or None."""
        kept = self.kept.load()
        return scores.from_json(kept) if kept else None

    def run(self):
        guests.prepare(self.folder, TOOLS)
        layout = self.folder / 'layout'
        write_layout(self.image.parent / 'linux', layout)
        options = ['--mem', MEMORY, '--append', APPEND, '--timeout', LIMIT, '--seed', self.seed,
                   *plugin_options(layout, self.folder / 'accesses', *self.study)]
        guests.boot(self.folder, self.image, options,
                    ['/out/guest', self.program.name, self.seconds, self.variant.operations,
                     self.variant.huge])

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
        if not self.kept.has_raw():
            self.run()
        try:
            loaded = self.load()
            self.kept.raw_is_good()
            watched = scores.watch(*loaded)
        except scores.Failed as e:
            raise Failed(e) from None
        self.kept.save(scores.to_json(watched))
        return watched
