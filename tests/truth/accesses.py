# SPDX-License-Identifier: GPL-2.0
"""What the plugin of QEMU saw: its output, aggregation by aggregation."""
import collections

# heat is [(start, end, slots)], sorted; mapped and huge, those of huge pages, are [(start, end)], of
# processes only; tlb are counters of the model of a TLB, see plugin.c
Memory = collections.namedtuple('Memory', 'name mapped heat huge tlb', defaults=((), ()))
# memory is {tgid: Memory}, physical memory has None; sleeps are those of the kdamond from its start
# to the end of the aggregation; regions are those that it reported, 0 if that is not known
Aggregation = collections.namedtuple('Aggregation', 'number slots sleeps switches memory regions')


class Malformed(Exception):
    """The output is not one of the plugin."""


def parse_range(text):
    start, end = text.split('-')
    return int(start, 16), int(end, 16)


def parse(lines, wanted=None):
    """Aggregations; only of some processes if wanted is given."""
    now, mapped, heat, huge, tlb = None, [], [], [], []
    for line in lines:
        word, _, rest = line.rstrip('\n').partition(' ')
        if word == 'heat':
            where, slots = rest.split()
            heat.append((*parse_range(where), int(slots)))
        elif word == 'mapped':
            mapped.append(parse_range(rest))
        elif word == 'huge':
            huge.append(parse_range(rest))
        elif word == 'tlb':
            tlb += map(int, rest.split())
        elif word in ('process', 'physical'):
            mapped, heat, huge, tlb = [], [], [], []
            tgid, _, name = rest.partition(' ')
            tgid = int(tgid) if word == 'process' else None
            if wanted is None or tgid in wanted:
                now.memory[tgid] = Memory(name or word, mapped, heat, huge, tlb)
        elif word == 'aggregation':
            if now:
                yield now
            now = Aggregation(*map(int, rest.split()), {}, 0)
        elif word == 'regions':
            # Before the first aggregation, these are of another monitor.
            now = now and now._replace(regions=int(rest))
        else:
            raise Malformed('unknown line: %s' % line)
    if now:
        yield now


def load(path, wanted=None):
    """A list of all aggregations of a file."""
    try:
        with open(path, encoding='ascii', errors='replace') as lines:
            return list(parse(lines, wanted))
    except (ValueError, TypeError, AttributeError) as e:
        raise Malformed('%s: %s' % (path, e)) from None
