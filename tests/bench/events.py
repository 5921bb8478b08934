# SPDX-License-Identifier: GPL-2.0
"""Events damon:damon_aggregated from pages of a tracefs ring buffer, and snapshots made of them.

trace_pipe_raw is read after a measurement, so it does not disturb that, and works on any kernel.
include/linux/ring_buffer.h has the layout of pages and events, the event's format file that of the
fields.
"""
import collections
import re
import struct

Region = collections.namedtuple('Region', 'start end nr_accesses age')
# Regions of one aggregation and when it ended, in ns
Snapshot = collections.namedtuple('Snapshot', 'time regions')

PAGE = 4096
HEADER = 16             # u64 time stamp, u64 number of bytes
COMMIT_MASK = (1 << 20) - 1     # above it: flags for lost events
PADDING, TIME_EXTEND, TIME_STAMP = 29, 30, 31
# By size and whether signed, for struct
SIZES = {(8, False): 'Q', (4, False): 'I', (2, False): 'H', (1, False): 'B',
         (8, True): 'q', (4, True): 'i', (2, True): 'h', (1, True): 'b'}


class Malformed(Exception):
    """The recorded data is invalid; the message tells why."""


def parse_format(text):
    """The id of an event and a function from its bytes to a dictionary of field values."""
    ident = re.search(r'^ID: (\d+)$', text, re.M)
    rows = re.findall(r'field:.*?(\w+);\s*offset:(\d+);\s*size:(\d+);\s*signed:([01]);', text)
    if not ident or not rows:
        raise Malformed('this is no format file of an event')
    layout, end = '<', 0
    for _, offset, size, signed in rows:
        code = SIZES.get((int(size), signed == '1'))
        if not code:
            raise Malformed('the format has a field of %s bytes' % size)
        layout += '%dx%s' % (int(offset) - end, code)
        end = int(offset) + int(size)
    unpack = struct.Struct(layout).unpack_from
    names = [row[0] for row in rows]
    return int(ident[1]), names, unpack, end


def raw_events(data):
    """(time, bytes) of each event in the pages of one CPU's buffer."""
    for page in range(0, len(data) - HEADER + 1, PAGE):
        time, commit = struct.unpack_from('<QQ', data, page)
        at, end = page + HEADER, page + HEADER + (commit & COMMIT_MASK)
        while at < end:
            word, = struct.unpack_from('<I', data, at)
            kind, delta = word & 31, word >> 5
            at += 4
            if kind == PADDING:
                if not delta:
                    break
                time += delta
                at += struct.unpack_from('<I', data, at)[0]
            elif kind in (TIME_EXTEND, TIME_STAMP):
                long_delta = (struct.unpack_from('<I', data, at)[0] << 27) + delta
                time = time + long_delta if kind == TIME_EXTEND else (time >> 59 << 59) + long_delta
                at += 4
            else:
                time += delta
                size = kind * 4
                start = at
                if not kind:
                    size = struct.unpack_from('<I', data, at)[0]
                    start = at + 4
                yield time, data[start:at + size]
                at += size


def aggregated(buffers, format_text):
    """Events of all CPUs in order of time: (time, target_id, nr_regions, Region)."""
    ident, names, unpack, size = parse_format(format_text)
    try:
        where = [names.index(n) for n in
                 ('common_type', 'target_id', 'nr_regions', 'start', 'end', 'nr_accesses', 'age')]
    except ValueError as missing:
        raise Malformed('damon_aggregated lacks a field: %s' % missing) from None
    kind, target, nr, start, end, accesses, age = where
    found = []
    for data in buffers:
        for time, event in raw_events(data):
            if len(event) < size:
                continue
            v = unpack(event)
            if v[kind] == ident:
                region = Region(v[start], v[end], v[accesses], v[age])
                found.append((time, v[target], v[nr], region))
    found.sort(key=lambda e: e[0])
    return found


def snapshots(found):
    """Snapshots, and the number of those left out as incomplete or not sorted."""
    whole, broken, i = [], 0, 0
    while i < len(found):
        time, target, nr, _ = found[i]
        group = found[i:i + nr]
        regions = [e[3] for e in group]
        same = len(group) == nr and all(e[1] == target and e[2] == nr for e in group)
        if nr and same and is_sorted(regions):
            whole.append(Snapshot(time, regions))
            i += nr
            continue
        broken += 1
        # The next snapshot begins where target or number of regions change, or addresses fall.
        i += 1
        while (i < len(found) and found[i][1:3] == (target, nr) and
               found[i][3].start > found[i - 1][3].start):
            i += 1
    return whole, broken


def is_sorted(regions):
    """Whether regions are not empty, are in order and do not overlap."""
    return (all(r.start < r.end for r in regions) and
            all(a.end <= b.start for a, b in zip(regions, regions[1:])))


def lost(stats):
    """Events that did not fit into a CPU's buffer, from the text of its stats file."""
    rows = re.findall(r'^(?:overrun|commit overrun|dropped events): (\d+)$', stats, re.M)
    return sum(int(n) for n in rows)
