# SPDX-License-Identifier: GPL-2.0
# Size of the working set of each target: percentiles over all snapshots.
#
# perf script record damon-wss -- sleep 10
# perf script report damon-wss

from collections import defaultdict

PERCENTILES = (0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 100)
DEFAULT_AGGR_NS = 100_000_000


class Target:
    """Snapshots of what a kdamond monitors under a number, one after the other."""

    def __init__(self):
        self.sizes = []     # size of the working set of each complete snapshot
        self.time = 0       # time of the first event of the current snapshot
        self.incomplete = 0
        self.missing = 0    # number of regions missing in the current snapshot
        self.last = 0
        self.last_time = 0
        self.whole_time = 0
        self.aggr_ns = DEFAULT_AGGR_NS  # or the shortest time between complete snapshots
        self.expected = 0
        self.accessed = 0

    # The regions of a snapshot are emitted within microseconds.
    def continues(self, time, nr_regions, start):
        return (nr_regions == self.expected and start >= self.last and
                time - self.last_time < self.aggr_ns / 2)

    def add(self, time, nr_regions, start, end, nr_accesses):
        if self.missing and not self.continues(time, nr_regions, start):
            self.incomplete += 1
            self.missing = 0
        if not self.missing:
            self.time = time
            self.expected = self.missing = nr_regions
            self.accessed = 0
        if nr_accesses:
            self.accessed += end - start
        self.last = end
        self.last_time = time
        self.missing -= 1
        if not self.missing:
            self.sizes.append(self.accessed)
            if self.whole_time:
                self.aggr_ns = min(self.aggr_ns, self.time - self.whole_time)
            self.whole_time = self.time


targets = defaultdict(Target)


# Kernels before 6.1 have no age. Later ones may add fields.
def damon__damon_aggregated(event_name, context, cpu, secs, nsecs, pid, comm, callchain,
                            target_id, nr_regions, start, end, nr_accesses, *more):
    targets[(pid, target_id)].add(secs * 10**9 + nsecs, nr_regions, start, end, nr_accesses)


def counted(number, what):
    return f'{number} {what}' if number == 1 else f'{number} {what}s'


def trace_end():
    for (pid, target_id), target in targets.items():
        incomplete = target.incomplete + bool(target.missing)
        print(f'target {target_id} of kdamond {pid}: {counted(len(target.sizes), "snapshot")}', end='')
        print(f'; {counted(incomplete, "incomplete one")} left out' if incomplete else '')
        sizes = sorted(target.sizes)
        for percent in PERCENTILES if sizes else ():
            rank = max(1, -(-len(sizes) * percent // 100))
            print(f'  p{percent:<3} {sizes[rank - 1] / 2**20:12.2f} MiB')
