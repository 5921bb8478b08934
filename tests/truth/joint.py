# SPDX-License-Identifier: GPL-2.0
"""Truth and what a monitor said of it, as {(slots, said): bytes} of an aggregation.

slots is in how many of SAMPLES memory was accessed, said what was reported. All scores of an
aggregation can be computed from this table, which is small. Only mapped memory counts.
"""
import score


def value_at(rows, at, position):
    """The value of rows (start, end, value) at an address, and the position to go on from."""
    while position < len(rows) and rows[position][1] <= at:
        position += 1
    inside = position < len(rows) and rows[position][0] <= at
    return rows[position][2] if inside else 0, position


def cuts(start, end, *lists):
    """Addresses from start to end where the value of one of the lists changes."""
    found = {start, end}
    for rows in lists:
        for row in rows:
            found.update(edge for edge in row[:2] if start < edge < end)
    return sorted(found)


def inside(rows, start, end, position):
    """Rows that overlap a range, and the position to go on from; ranges come in order."""
    while position < len(rows) and rows[position][1] <= start:
        position += 1
    last = position
    while last < len(rows) and rows[last][0] < end:
        last += 1
    return rows[position:last], position


def of_range(start, end, heat, said):
    """{(slots, said): bytes} of a range; heat and said have (start, end, value), sorted."""
    table, i, j = {}, 0, 0
    edges = cuts(start, end, heat, said)
    for at, stop in zip(edges, edges[1:]):
        slots, i = value_at(heat, at, i)
        accesses, j = value_at(said, at, j)
        table[slots, accesses] = table.get((slots, accesses), 0) + stop - at
    return table


def add(total, table):
    for key, size in table.items():
        total[key] = total.get(key, 0) + size


def steady(heats):
    """Means of each page over all aggregations, in quarters, as (start, end, value)."""
    changes, nr = {}, 0
    for heat in heats:
        nr += 1
        for start, end, slots in heat:
            changes[start] = changes.get(start, 0) + slots
            changes[end] = changes.get(end, 0) - slots
    found, total, before = [], 0, 0
    for at in sorted(changes):
        if total:
            found.append((before, at, round(4 * total / nr) / 4))
        total += changes[at]
        before = at
    return found


def table_of(mapped, heat, said):
    found, i, j = {}, 0, 0
    for start, end in sorted(mapped):
        hot, i = inside(heat, start, end, i)
        reported, j = inside(said, start, end, j)
        add(found, of_range(start, end, hot, reported))
    return found


def means(mapped, heat):
    """Table of a dummy that knows only the mean of each mapping."""
    found, i = {}, 0
    for start, end in sorted(mapped):
        hot, i = inside(heat, start, end, i)
        table = of_range(start, end, hot, [])
        mean = sum(slots * size for (slots, _), size in table.items()) / (end - start)
        for (slots, _), size in table.items():
            add(found, {(slots, mean): size})
    return found


def all_hot(table, samples):
    """The table of a dummy: all of memory is accessed all the time."""
    found = {}
    for (slots, _), size in table.items():
        add(found, {(slots, samples): size})
    return found


# --- Scores of a table ---

def total(table, wanted=lambda slots, said: True):
    return sum(size for key, size in table.items() if wanted(*key))


def compare(table, threshold):
    """Precision, recall and F1 in bytes; None if nothing is hot, as in score.py."""
    true = total(table, lambda slots, said: slots >= threshold)
    seen = total(table, lambda slots, said: said >= threshold)
    both = total(table, lambda slots, said: min(slots, said) >= threshold)
    if not true:
        return None
    return (both / seen if seen else 0.0, both / true, 2 * both / (seen + true))


def working_sets(table):
    """Bytes that were accessed at all, and bytes that were said to be."""
    return (total(table, lambda slots, said: slots > 0), total(table, lambda slots, said: said > 0))


def rank_correlation(table):
    return score.weighted_spearman(table)


def percentile(values, percent):
    """Of a list, linearly between its elements."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
