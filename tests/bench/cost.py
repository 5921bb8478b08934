# SPDX-License-Identifier: GPL-2.0
"""The costs of a monitor and its effect on the target, from counters of the kernel."""
import collections
import re

NS_PER_INSTRUCTION = 2  # tests/vm/run --icount: shift=1
PAGE = 4096
IPIS = {
    'TLB': 'TLB shootdowns',
    'CAL': 'function call interrupts',
    'RES': 'rescheduling interrupts',
}

SWAPPING = {
    'pswpin': 'pages swapped in',
    'pswpout': 'pages swapped out',
    'workingset_refault_anon': 'pages swapped in soon after they were swapped out',
}

# Costs for a CPU that runs the target, in microseconds (see Documentation/mm/damon/eval.rst for the
# sources): an interrupt, invalidating a TLB entry, loading it again; usual and worst case.
Costs = collections.namedtuple('Costs', 'interrupt invalidate refill')
USUAL, WORST = Costs(2, 0.1, 0.01), Costs(10, 0.1, 0.08)
TLB_ENTRIES = 2048  # a large TLB, completely used


def counters(text):
    """Counters saved in a guest, as lines FILE:LINE, as {name: number}."""
    found = {}
    for line in text.splitlines():
        path, _, rest = line.partition(':')
        name = path.rsplit('/', 1)[-1]
        if name in ('time', 'nr_tried', 'sz_tried'):
            found[name] = float(rest)
        elif name == 'meminfo':
            key, value = rest.split()[:2]
            found[key.rstrip(':')] = int(value) * 1024
        elif name == 'vmstat':
            key, value = rest.split()
            found[key] = int(value)
        elif name == 'interrupts' and re.match(r'\s*[A-Z]{3}:', rest):
            key, *values = rest.split()
            found[key.rstrip(':')] = sum(int(v) for v in values if v.isdigit())
        elif name == 'stat':
            found['minflt'] = int(rest.rpartition(')')[2].split()[7])
        elif name == 'schedstat':
            found['exec'] = int(rest.split()[0])
        elif name == 'status' and rest.startswith('voluntary_ctxt_switches:'):
            found['switches'] = int(rest.split()[1])
        elif name == 'statm':
            found['resident'] = int(rest.split()[1]) * PAGE
        elif name == 'mm_stat':
            found['zram'] = int(rest.split()[2])
        elif name == 'uptime':
            found['idle'] = float(rest.split()[1])
        elif name == 'stats' and re.match('(entries|overrun):', rest):
            key, value = rest.split()
            found[key.rstrip(':')] = int(value)
    return found


def delta(begin, end):
    return {key: end[key] - begin[key] for key in begin if key in end}


def instructions(begin, end):
    return delta(begin, end)['exec'] / NS_PER_INSTRUCTION


def samples(begin, end):
    """Number of samples: a kdamond sleeps once for each."""
    return delta(begin, end)['switches']


def check_cost(begin, end, regions, samples_per_aggregation):
    """Instructions to check a region, and for an aggregation; regions is their number."""
    nr = samples(begin, end)
    if not nr or not regions:
        return {}
    return {'instructions a check': instructions(begin, end) / nr / regions,
            'instructions an aggregation': instructions(begin, end) / nr * samples_per_aggregation}


def scheme_cost(without, run, regions):
    """What a scheme adds to check_cost() of a case without one."""
    key = 'instructions an aggregation'
    if key not in without or key not in run:
        return {}
    added = run[key] - without[key]
    return {key: run[key], 'added, %': 100 * added / without[key],
            'instructions added a region': added / regions}


def windows(begin, end, reset_ms):
    return delta(begin, end)['time'] * 1000 / reset_ms


def bytes_tried(begin, end, limit, reset_ms):
    """In each window of a quota, compared with its limit of bytes."""
    return delta(begin, end)['sz_tried'] / windows(begin, end, reset_ms) / limit


def time_taken(begin, end, limit_ms, reset_ms, checks):
    """The kdamond's time in each window, compared with its limit of ms; without the time of checks,
    in instructions a sample."""
    rest = instructions(begin, end) - checks * samples(begin, end)
    return rest * NS_PER_INSTRUCTION / 1e6 / windows(begin, end, reset_ms) / limit_ms


def held(before, begin):
    """Kernel memory that was allocated for the monitor."""
    change = delta(before, begin)
    return change['SUnreclaim'] + change['VmallocUsed']


def memory_per_region(few, many):
    """From (bytes held, regions) twice."""
    return (many[0] - few[0]) / (many[1] - few[1])


def disturbance(off, on, seconds):
    """What a monitor adds a second; off and on are deltas of counters over so many seconds."""
    result = {}
    for key, text in IPIS.items():
        result[text + ' added a second'] = (on[key] - off[key]) / seconds
    result['page faults of the target added a second'] = (on['minflt'] - off['minflt']) / seconds
    for key in on:
        if key.startswith('nr_tlb_'):
            result[key + ' added a second'] = (on[key] - off[key]) / seconds
    for key, text in SWAPPING.items():
        if on.get(key) or off.get(key):
            result[text + ' added a second'] = (on[key] - off[key]) / seconds
            result[text + ' a second without'] = off[key] / seconds
    result.update(prices(delta(off, on), seconds))
    return result


def flushes(change, seconds):
    """Interrupts to invalidate TLB entries in a second, pages invalidated, and the cost of both."""
    return {'interrupts for the TLB a second': change['nr_tlb_remote_flush_received'] / seconds,
            'pages invalidated a second': change['nr_tlb_local_flush_one'] / seconds,
            **prices(change, seconds)}


def prices(change, seconds):
    """The cost of interrupts for the TLB, in per cent of a CPU."""
    interrupts, pages, full = (change.get('nr_tlb_' + name, 0) / seconds for name in
                               ('remote_flush_received', 'local_flush_one', 'local_flush_all'))
    # Linux does not count what remote flushes invalidate: assume all entries, unless it was a page.
    full = max(full, interrupts - pages)
    return {name: (interrupts * cost.interrupt + pages * (cost.invalidate + cost.refill) +
                   full * TLB_ENTRIES * cost.refill) / 1e4
            for name, cost in (('price of flushes, %', USUAL), ('worst price of flushes, %', WORST))}
