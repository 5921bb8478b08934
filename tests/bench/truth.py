# SPDX-License-Identifier: GPL-2.0
"""The log of tests/workloads/pattern.c, the generator of known truth."""
import collections

# Ranges are (start, end). Hot ones have the planned rate, in permille, and the actual touches.
Hot = collections.namedtuple('Hot', 'start end rate touches')
# busy are the turns of places: when a place was swept, and how often
Turn = collections.namedtuple('Turn', 'start end begin stop sweeps')
Phase = collections.namedtuple('Phase', 'number start end slots mapped hot page busy')


def parse_range(text):
    start, end = text.split('-')
    return int(start, 16), int(end, 16)


def parse(text):
    """The phases of a log; ValueError if it is invalid."""
    phases, page = [], None
    for line in text.splitlines():
        word, *rest = line.split()
        if word == 'page':
            page = int(rest[0])
        elif word == 'phase':
            number, start, end, slots = map(int, rest)
            phases.append(Phase(number, start, end, slots, [], [], page, []))
        elif word == 'mapped':
            phases[-1].mapped.append(parse_range(rest[0]))
        elif word == 'hot':
            start, end = parse_range(rest[0])
            phases[-1].hot.append(Hot(start, end, int(rest[1]), int(rest[2])))
        elif word == 'busy':
            phases[-1].busy.append(Turn(*parse_range(rest[0]), *map(int, rest[1:])))
        else:
            raise ValueError('unknown line: %s' % line)
    if not phases or not page:
        raise ValueError('no phase')
    return phases


def work(phases):
    """Touches of pages a second, over all phases."""
    seconds = sum(p.end - p.start for p in phases) / 1e9
    return sum(h.touches * ((h.end - h.start) // p.page) for p in phases for h in p.hot) / seconds
