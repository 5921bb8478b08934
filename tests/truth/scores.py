# SPDX-License-Identifier: GPL-2.0
"""How right a monitor was about a program: scores of tables of joint.py."""
import collections
import statistics

import bound
import joint
import page_samples
import score

THRESHOLDS = (1, 5, 10)
MAIN_THRESHOLD = 5
PERCENTILES = (25, 50, 75, 95)
NOTHING = ({}, {}, {}, {})
# Hot ranges that a monitor can report at most: there is a cold one between two of them.
MOST_HOT = 1000 // 2

# tables: of the monitor, of the means of mappings, of those of pages, and of samples of each page,
# one an aggregation; best: F1 of the best choice of ranges, one an aggregation; changes:
# aggregations, from 0 on, in which other memory is hot than before; switches: between address
# spaces, in all; percent: of the time that the program had the CPU
Watched = collections.namedtuple('Watched', 'tables best changes switches samples percent',
                                 defaults=[None])
# Hot memory is other if less than this is the same (F1), and then stays so for some aggregations.
SAME, STEADY = 0.5, 3


class Failed(Exception):
    """There is nothing to score; the message tells why."""


def to_json(watched):
    tables = [[[(*key, size) for key, size in table.items()] for table in tables]
              for tables in watched.tables]
    return watched._replace(tables=tables)._asdict()


def from_json(kept):
    watched = Watched(**kept)
    return watched._replace(tables=[[{(slots, said): size for slots, said, size in rows}
                                     for rows in tables] for tables in watched.tables])


def check_order(aggregations, snapshots):
    """The plugin and the tracepoint must have seen the same aggregations."""
    # The last one may have been cut off.
    if abs(len(aggregations) - len(snapshots)) > 1:
        raise Failed('%d aggregations, %d snapshots' % (len(aggregations), len(snapshots)))
    for i, (a, s) in enumerate(zip(aggregations[:-1], snapshots[:-1])):
        if a.regions != len(s.regions):
            raise Failed('aggregation %d: %d regions reported, %d recorded' %
                         (i + 1, a.regions, len(s.regions)))


def is_same(one, other):
    return score.compare(one, other)[2] >= SAME


def phase_changes(hot):
    """Where sets of bytes, one an aggregation, become others that last."""
    found, before = [], hot[0]
    for i in range(1, len(hot) - STEADY):
        lasts = all(map(is_same, hot[i:i + STEADY], hot[i + 1:]))
        if not is_same(before, hot[i]) and lasts:
            found.append(i)
        elif not is_same(before, hot[i]):
            continue
        before = hot[i]
    return found


def watch(aggregations, snapshots, tgid, percent=None, samples=score.SAMPLES):
    """What is to be scored."""
    check_order(aggregations, snapshots)
    found, hot, best, switches = [], [], [], 0
    usual = joint.steady(a.memory[tgid].heat for a in aggregations if tgid in a.memory)
    sampled = page_samples.PageSamples(samples)
    for aggregation, snapshot in zip(aggregations, snapshots):
        memory = aggregation.memory.get(tgid)
        # The process did not run.
        if not memory:
            found.append(NOTHING)
            hot.append([])
            best.append(None)
            sampled.add([])
            continue
        said = sorted(r[:3] for r in snapshot.regions)
        # Physical memory has no mappings: what is watched counts.
        mapped = memory.mapped if tgid is not None else score.union(r[:2] for r in said)
        found.append((joint.table_of(mapped, memory.heat, said), joint.means(mapped, memory.heat),
                      joint.table_of(mapped, memory.heat, usual),
                      joint.table_of(mapped, memory.heat, sampled.add(memory.heat))))
        hot.append(score.union(h[:2] for h in memory.heat if h[2] >= MAIN_THRESHOLD))
        best.append(bound.best_f1(mapped, hot[-1], MOST_HOT))
        switches += aggregation.switches
    if len(found) <= score.UNSETTLED:
        raise Failed('only %d aggregations' % len(found))
    return Watched(found, best, phase_changes(hot), switches, samples, percent)


def dummies(watched):
    """{name: tables} of the monitor and of those that know nothing or only means."""
    monitor, means, pages, sampled = zip(*watched.tables)
    return {'': monitor, 'all hot': [joint.all_hot(t, watched.samples) for t in monitor],
            'means': means, 'page means': pages, 'page samples': sampled}


def error_of_percentile(pairs, percent):
    true, said = (joint.percentile(side, percent) for side in zip(*pairs))
    return (said - true) / true if true else None


def windows_to(goal, tables, changes):
    """After the start and each change, the first window with at least that F1, or None."""
    found = []
    for begin, end in zip([0, *changes], [*changes, len(tables)]):
        f1s = [(i + 1, c[2]) for i, c in
               enumerate(joint.compare(t, MAIN_THRESHOLD) for t in tables[begin:end]) if c]
        found.append(score.first_reaching(goal, f1s))
    return found


def score_tables(tables, changes):
    """Scores of the settled aggregations, and how long it took."""
    settled = [t for t in tables[score.UNSETTLED:] if t]
    result = {}
    for threshold in THRESHOLDS:
        found = [c for c in (joint.compare(t, threshold) for t in settled) if c]
        for name, values in zip(('precision', 'recall', 'f1'), zip(*found)):
            result['%s at %d' % (name, threshold)] = statistics.mean(values)
    pairs = [joint.working_sets(t) for t in settled]
    for percent in PERCENTILES:
        result['wss error p%d' % percent] = error_of_percentile(pairs, percent)
    ranks = [joint.rank_correlation(t) for t in settled]
    result['rank correlation'] = statistics.mean(ranks) if ranks else None
    for goal in score.GOALS:
        result['windows to %.1f' % goal] = windows_to(goal, tables, changes)
    return result


def describe(watched):
    """What the program does."""
    settled = [t for t, *_ in watched.tables[score.UNSETTLED:] if t]
    mapped, touched, hot = ([joint.total(t, wanted) for t in settled] for wanted in (
        lambda slots, said: True, lambda slots, said: slots > 0,
        lambda slots, said: slots >= MAIN_THRESHOLD))
    seconds = len(watched.tables) * watched.samples * 0.005
    if not settled:
        raise Failed('the program did not run')
    return {'mapped MiB': statistics.mean(mapped) / 2**20,
            'accessed MiB': statistics.mean(touched) / 2**20,
            'hot MiB': statistics.mean(hot) / 2**20,
            'hot of mapped, %': 100 * sum(hot) / sum(mapped),
            'time on the CPU, %': watched.percent,
            'phase changes': len(watched.changes),
            'switches of address spaces a second': watched.switches / seconds}


def score_all(watched):
    """{name: value}; the dummies have their names behind a comma."""
    result = describe(watched)
    for name, tables in dummies(watched).items():
        for metric, value in score_tables(tables, watched.changes).items():
            result[metric + (', ' + name if name else '')] = value
    best = [f1 for f1 in watched.best[score.UNSETTLED:] if f1 is not None]
    result['f1 at 5, best ranges'] = statistics.mean(best) if best else None
    return result


def suspicion(watched):
    """Why not to trust the scores: monitors that do not look at memory report like this."""
    settled = [t for t, *_ in watched.tables[score.UNSETTLED:] if t]
    said = [{value for _, value in t} for t in settled]
    if all(max(s) == 0 for s in said):
        return 'reports nothing hot'
    if all(min(s) > 0 for s in said):
        return 'reports everything hot'
    if max(max(s) for s in said) > watched.samples:
        return 'reports more accesses than samples'
    return ''
