# SPDX-License-Identifier: GPL-2.0
"""What a run has cost, out of the files that tests/eval/guest leaves."""
import re
import statistics

import cost
import results

from guests import Failed

KIB = 1024
FEWEST = 3              # samples, one a second

RUN_TIME, SYSTEM, RESIDENT = 'run time, s', 'system memory, KiB', 'resident memory, KiB'
# Counters of which the growth is given
COUNTED = {
    'swapped in, pages': ('pswpin',),
    'swapped out, pages': ('pswpout',),
    'refaults, pages': ('workingset_refault_anon', 'workingset_refault_file'),
    'huge pages, faults': ('thp_fault_alloc',),
    'huge pages, collapses': ('thp_collapse_alloc',),
}
# Of the files of samples: means, in bytes
MEANS = {
    RESIDENT: 'resident',
    'huge pages, KiB': 'AnonHugePages',
    'zram, KiB': 'zram',
}
KDAMOND, IDLE = 'kdamond, %', 'idle, %'
METRICS = [RUN_TIME, SYSTEM, RESIDENT, KDAMOND, *COUNTED, *list(MEANS)[1:], IDLE]
OVERHEADS = (RUN_TIME, SYSTEM, RESIDENT)
SHARES = (KDAMOND, IDLE)


def parse(text):
    """Samples, as counters. The last one may be cut off, and does not count."""
    whole = [one for one in re.split('^(?=time:)', text, flags=re.M) if one][:-1]
    return [cost.counters(one) for one in whole]


def kdamond_share(begin, samples):
    """Of the time of one CPU, in per cent, until the last sample in which the kdamond was there."""
    seen = [s for s in samples if 'exec' in s]
    # It may end with the program, before the last sample.
    if len(seen) < len(samples) - 1:
        raise Failed('the monitor ended by itself')
    if not seen[-1]['exec']:
        raise Failed('the monitor did nothing')
    return seen[-1]['exec'] / 1e7 / (seen[-1]['time'] - begin)


def mean(samples, name):
    return statistics.mean([s[name] for s in samples if name in s] or [0]) / KIB


def summary(begin, end, samples, counted, monitored):
    """All metrics of a run from begin to end; counted is by how much counters have grown."""
    during = [s for s in samples if begin <= s['time'] <= end]
    if len(during) < FEWEST:
        raise Failed('%d samples: the work is done too soon' % len(during))
    found = {
        RUN_TIME: end - begin,
        SYSTEM: statistics.mean(s['MemTotal'] - s['MemFree'] for s in during) / KIB,
        KDAMOND: kdamond_share(begin, during) if monitored else 0,
        IDLE: 100 * (during[-1]['idle'] - during[0]['idle']) /
              (during[-1]['time'] - during[0]['time']),
    }
    found.update({metric: mean(during, name) for metric, name in MEANS.items()})
    found.update({metric: sum(counted[name] for name in names)
                  for metric, names in COUNTED.items()})
    return found


def load(folder, monitored, recorded):
    """The same for the files of a run."""
    if (folder / 'failed').exists():
        raise Failed(results.read(folder / 'failed').strip())
    try:
        begin, end = map(float, results.read(folder / 'times').split())
        samples = parse(results.read(folder / 'samples'))
        counted = cost.delta(*(cost.counters(results.read(folder / when))
                               for when in ('begin', 'end')))
        if recorded and not cost.counters(results.read(folder / 'tracepoint')).get('entries'):
            raise Failed('nothing was recorded')
        return summary(begin, end, samples, counted, monitored)
    except results.Failed as e:
        raise Failed(e) from None
    except (ValueError, KeyError, IndexError) as e:
        raise Failed('malformed files of the guest: %s' % e) from None
