# SPDX-License-Identifier: GPL-2.0
# Heat map of each target: time from left to right, addresses from bottom to top.
#
# perf script record damon-heats -- sleep 10
# perf script report damon-heats

from collections import defaultdict

COLS = 60
ROWS = 16

events = defaultdict(list)


# Kernels before 6.1 have no age. Later ones may add fields.
def damon__damon_aggregated(event_name, context, cpu, secs, nsecs, pid, comm, callchain,
                            target_id, nr_regions, start, end, nr_accesses, *more):
    events[(pid, target_id)].append((secs + nsecs / 1e9, start, end, nr_accesses))


def areas(regions):
    """Where the memory is, without the big gaps: lists of start, end and accesses times bytes."""
    found = []
    for _, start, end, nr_accesses in sorted(regions, key=lambda region: region[1]):
        heat = (end - start) * nr_accesses
        if found and start - found[-1][1] < max(end - start, found[-1][1] - found[-1][0]):
            found[-1][1] = max(found[-1][1], end)
            found[-1][2] += heat
        else:
            found.append([start, end, heat])
    return found


def snapshots_of(regions):
    """Since when and until when each was counted, and its regions."""
    snapshots = []
    for time, start, end, nr_accesses in regions:
        # Regions come in order of addresses, so a lower address starts a new snapshot.
        if not snapshots or start < snapshots[-1][1][-1][1]:
            snapshots.append((time, []))
        snapshots[-1][1].append((start, end, nr_accesses))
    times = [time for time, _ in snapshots]
    # The first one probably took as long as the others on average, a single one the default.
    first = times[0] - ((times[-1] - times[0]) / max(1, len(times) - 1) or 0.1)
    return [(since, time, found) for since, (time, found) in zip([first] + times, snapshots)]


def print_heats(regions):
    low, high, _ = max(areas(regions), key=lambda area: area[2])
    snapshots = snapshots_of(regions)
    first, last = snapshots[0][0], snapshots[-1][1]
    cols = min(COLS, len(snapshots))
    width = (last - first) / cols
    heat = defaultdict(float)
    seen = defaultdict(float)

    def add(col, seconds, start, end, nr_accesses):
        for row in range(ROWS):
            row_low = low + (high - low) * row // ROWS
            row_high = low + (high - low) * (row + 1) // ROWS
            covered = (min(end, row_high) - max(start, row_low)) * seconds
            if covered > 0:
                heat[(col, row)] += covered * nr_accesses
                seen[(col, row)] += covered

    for since, until, found in snapshots:
        for col in range(cols):
            seconds = min(until, first + (col + 1) * width) - max(since, first + col * width)
            # Ignore overlaps due to rounding.
            if seconds > width / 1e6:
                for region in found:
                    add(col, seconds, *region)
    rates = {cell: heat[cell] / seen[cell] for cell in seen}
    most = max(rates.values()) or 1
    for row in reversed(range(ROWS)):
        # Like perf damon report: 0 is no access, and any access is at least 1.
        line = ''.join((str(min(9, int(1 + rates[col, row] / most * 9))) if rates[col, row] else '0')
                       if (col, row) in rates else ' ' for col in range(cols))
        print(f'{low + (high - low) * row // ROWS:#18x} |{line}|')
    print(f'{last - first:.3f} s; 9 is {most:.1f} accesses in an aggregation interval')


def trace_end():
    for (pid, target_id), regions in events.items():
        print(f'target {target_id} of kdamond {pid}')
        print_heats(regions)
