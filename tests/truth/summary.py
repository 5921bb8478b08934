# SPDX-License-Identifier: GPL-2.0
"""A line a row of the truth, and how many rows reach each goal."""
import statistics

import table

# If more of a program is hot, all monitors are right about it. In per cent of what is mapped.
MOSTLY_HOT = 80

# What is shown of which kernel. Dummies know what A's guest has accessed, B's hardly differs.
COLUMNS = [('F1', 'f1 at 5', 'AB'), ('all hot', 'f1 at 5, all hot', 'A'),
           ('means', 'f1 at 5, means', 'A'), ('pages', 'f1 at 5, page samples', 'A'),
           ('rank', 'rank correlation', 'AB'), ('p50', 'wss error p50', 'AB'),
           ('p95', 'wss error p95', 'AB')]


def above_dummies(own, _):
    return own['f1 at 5'] > max(own['f1 at 5, all hot'], own['f1 at 5, means'])


def right_size(own, _):
    return all(abs(own['wss error p%d' % percent]) <= 0.1 for percent in (50, 95))


# Whether a kernel reaches it, by its scores and those of the other one
GOALS = [('F1 at least 0.9', lambda own, _: own['f1 at 5'] >= 0.9),
         ('F1 above the other monitor', lambda own, other: own['f1 at 5'] > other['f1 at 5']),
         ('F1 above both dummies', above_dummies),
         ('rank correlation at least 0.8', lambda own, _: own['rank correlation'] >= 0.8),
         ('working set within 10 % at p50 and p95', right_size)]


def reaches(goal, own, other):
    """A score that does not exist, as nothing was hot, reaches nothing."""
    try:
        return goal(own, other)
    except (KeyError, TypeError):
        return False


def median_of(found, name):
    known = [one[name] for one in found if one.get(name) is not None]
    return statistics.median(known) if known else None


def medians(runs):
    """Of each score that is one number."""
    names = {name for run in runs for name, value in run.items() if not isinstance(value, list)}
    return {name: median_of(runs, name) for name in names}


def summary(rows):
    """Text of {title: (scores of A, of B)}, each a list with those of each seed."""
    rows = {title: [medians(runs) for runs in pair] for title, pair in rows.items() if all(pair)}
    if not rows:
        return ''
    shown = [(name, 'AB'.index(kernel), metric)
             for name, metric, kernels in COLUMNS for kernel in kernels]
    lines = [['at threshold 5'] + ['%s %s' % (name, 'AB'[i]) for name, i, _ in shown]]
    for title, pair in rows.items():
        lines.append([title] + [table.number(pair[i].get(metric)) for _, i, metric in shown])
    count = [pair for pair in rows.values() if pair[0]['hot of mapped, %'] <= MOSTLY_HOT]
    lines.append(['median'] + [table.number(median_of([pair[i] for pair in count], metric))
                               for _, i, metric in shown])
    text = table.aligned(lines)
    for name, goal in GOALS:
        reached = [sum(reaches(goal, pair[i], pair[1 - i]) for pair in count) for i in (0, 1)]
        text += '%s: A %d, B %d of %d\n' % (name, *reached, len(count))
    if len(count) < len(rows):
        text += 'Rows of which over %d %% is hot do not count.\n' % MOSTLY_HOT
    return text
