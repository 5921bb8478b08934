# SPDX-License-Identifier: GPL-2.0
# Which memory of each target is hot, and when: time from left to right, addresses from below to above.
#
# perf script record damon-heats -- sleep 10
# perf script report damon-heats

from collections import defaultdict

COLS = 60
ROWS = 16

events = defaultdict(list)


# Kernels before 6.1 have no age, and later ones may have more.
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


def print_heats(regions):
    low, high, _ = max(areas(regions), key=lambda area: area[2])
    first, last = regions[0][0], regions[-1][0]
    # Regions of a snapshot come by address: where they begin anew there is another one.
    snapshots = 1 + sum(b[1] <= a[1] for a, b in zip(regions, regions[1:]))
    cols = min(COLS, snapshots)
    heat = defaultdict(float)
    seen = defaultdict(float)
    for time, start, end, nr_accesses in regions:
        col = min(cols - 1, int((time - first) / max(last - first, 1e-9) * cols))
        for row in range(ROWS):
            row_low = low + (high - low) * row // ROWS
            row_high = low + (high - low) * (row + 1) // ROWS
            covered = min(end, row_high) - max(start, row_low)
            if covered > 0:
                heat[(col, row)] += covered * nr_accesses
                seen[(col, row)] += covered
    rates = {cell: heat[cell] / seen[cell] for cell in seen}
    most = max(rates.values()) or 1
    for row in reversed(range(ROWS)):
        line = ''.join(str(min(9, -int(-rates[col, row] / most * 9 // 1))) if (col, row) in rates
                       else ' ' for col in range(cols))
        print(f'{low + (high - low) * row // ROWS:#18x} |{line}|')
    print(f'{last - first:.3f} s; 9 is {most:.1f} accesses in an aggregation interval')


def trace_end():
    for (pid, target_id), regions in events.items():
        print(f'target {target_id} of kdamond {pid}')
        print_heats(regions)
