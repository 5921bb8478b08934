# SPDX-License-Identifier: GPL-2.0
"""What a monitor costs and disturbs: pure functions of counters of the kernel before and after."""
import collections
import re

NS_PER_INSTRUCTION = 2  # tests/vm/run --icount: shift=1
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

# What it costs a CPU that runs the target, in microseconds (Documentation/mm/damon/eval.rst cites):
# an interrupt, to invalidate an entry, and to load it again; usually, and at worst.
Costs = collections.namedtuple('Costs', 'interrupt invalidate refill')
USUAL, WORST = Costs(2, 0.1, 0.01), Costs(10, 0.1, 0.08)
TLB_ENTRIES = 2048  # of a large TLB, all used


def counters(text):
    """What tests/bench/guest saw, FILE:LINE a line, as {name: number}."""
    found = {}
    for line in text.splitlines():
        path, _, rest = line.partition(':')
        name = path.rsplit('/', 1)[-1]
        if name == 'meminfo':
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
    return found


def delta(begin, end):
    return {key: end[key] - begin[key] for key in begin if key in end}


def instructions(begin, end):
    return delta(begin, end)['exec'] / NS_PER_INSTRUCTION


def samples(begin, end):
    """Samples counted: a kdamond sleeps once for each."""
    return delta(begin, end)['switches']


def check_cost(begin, end, regions, samples_per_aggregation):
    """Instructions for the check of a region, and for an aggregation; regions is how many."""
    nr = samples(begin, end)
    if not nr or not regions:
        return {}
    return {'instructions a check': instructions(begin, end) / nr / regions,
            'instructions an aggregation': instructions(begin, end) / nr * samples_per_aggregation}


def held(before, begin):
    """Kernel memory that came with the monitor."""
    change = delta(before, begin)
    return change['SUnreclaim'] + change['VmallocUsed']


def memory_per_region(few, many):
    """From (bytes held, regions) twice."""
    return (many[0] - few[0]) / (many[1] - few[1])


def disturbance(off, on, seconds):
    """What a monitor adds for each second; off and on are deltas, seconds how long they lasted."""
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
    """Interrupts to invalidate TLB entries in a second, what they invalidate, and the price."""
    return {'interrupts for the TLB a second': change['nr_tlb_remote_flush_received'] / seconds,
            'pages invalidated a second': change['nr_tlb_local_flush_one'] / seconds,
            **prices(change, seconds)}


def prices(change, seconds):
    """Of interrupts for the TLB, in per cent of a CPU."""
    interrupts, pages, full = (change.get('nr_tlb_' + name, 0) / seconds for name in
                               ('remote_flush_received', 'local_flush_one', 'local_flush_all'))
    # Linux does not count what the flushes of others are of: each of everything, if not of a page.
    full = max(full, interrupts - pages)
    return {name: (interrupts * cost.interrupt + pages * (cost.invalidate + cost.refill) +
                   full * TLB_ENTRIES * cost.refill) / 1e4
            for name, cost in (('price of flushes, %', USUAL), ('worst price of flushes, %', WORST))}
