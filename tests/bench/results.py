# SPDX-License-Identifier: GPL-2.0
"""Turn files of tests/bench/guest into rows of numbers, with a list of values for each kernel."""
import collections
import itertools
import pathlib
import statistics

import cases
import cost
import events
import pressure
import score
import truth

# values are one list for each kernel, with an element for each seed (or change); None is "never"
Row = collections.namedtuple('Row', 'group case metric values main')
Run = collections.namedtuple('Run', 'case phases snapshots before begin end tried pressure notes')

MAIN = ('f1', 'windows to 0.8', 'windows to 0.9', 'wss error p50', 'boundary error KiB', 'regions')


class Failed(Exception):
    """A case has no result; the message tells why."""


def read(path):
    try:
        return path.read_text()
    except OSError as e:
        raise Failed('%s: %s' % (path.name, e.strerror)) from None


def load(folder, case):
    """Load a case of a guest."""
    folder = pathlib.Path(folder)
    here = folder / cases.folder(case)
    if (here / 'failed').exists():
        raise Failed(read(here / 'failed').strip())
    try:
        phases = truth.parse(read(here / 'truth'))
    except (ValueError, IndexError) as e:
        raise Failed('log of the generator: %s' % e) from None
    notes, found = [], []
    lost = sum(events.lost(read(stats)) for stats in here.glob('*.stats'))
    if lost:
        notes.append('%d events lost' % lost)
    buffers = [raw.read_bytes() for raw in sorted(here.glob('*.raw'))]
    if buffers:
        try:
            found, broken = events.snapshots(events.aggregated(buffers, read(folder / 'format')))
        except events.Malformed as e:
            raise Failed(str(e)) from None
        if broken:
            notes.append('%d snapshots incomplete' % broken)
    looks = [cost.counters(read(here / when)) for when in ('before', 'begin', 'end')]
    tried = [cost.counters(read(here / when)) for when in ('begin-tried', 'end-tried')
             if cases.has_scheme(case)]
    waited = pressure.parse(read(here / 'pressure')) if case.group == 'goal' else []
    if case.group == 'goal' and len(waited) < 4 * pressure.MEAN_OF:
        raise Failed('pressure: %d samples' % len(waited))
    return Run(case, phases, found, *looks, tried, waited, notes)


def samples_per_aggregation(case):
    return cases.setting(case, 'aggr', 100000) // cases.setting(case, 'sample', 5000)


# --- Accuracy ---

def best_threshold(scores):
    """The threshold with the best mean F1 of all seeds."""
    f1 = {}
    for one in scores:
        for threshold, values in one['thresholds'].items():
            f1.setdefault(threshold, []).append(values['f1'])
    return max(f1, key=lambda t: (len(f1[t]), statistics.mean(f1[t])), default=None)


def values_of(scores, threshold, name):
    found = []
    for one in scores:
        value = one['thresholds'].get(threshold, {}).get(name)
        if isinstance(value, list):
            found += value
        elif value is not None:
            found.append(value)
    return found


def accuracy_rows(case, runs):
    """runs has, for each kernel, the runs of the case."""
    samples = samples_per_aggregation(case)
    scores = [[score.score(r.snapshots, r.phases, samples) for r in some] for some in runs]
    for some, kernel in zip(runs, scores):
        for run, one in zip(some, kernel):
            if not one['thresholds']:
                run.notes.append('no window to score')
            elif one['suspicion']:
                run.notes.append(one['suspicion'])
    best = [best_threshold(kernel) for kernel in scores]
    names = ['f1', 'precision', 'recall'] + ['windows to %.1f' % goal for goal in score.GOALS] + \
            ['wss error p25', 'wss error p50', 'wss error p75', 'boundary error']
    for name in names:
        values = [values_of(kernel, t, name) for kernel, t in zip(scores, best)]
        if name == 'boundary error':
            name, values = name + ' KiB', [[v / 1024 for v in some] for some in values]
        yield Row('accuracy', case.name, name, values, name in MAIN)
    for name in ('rank correlation', 'regions'):
        values = [[one[name] for one in kernel if name in one] for kernel in scores]
        yield Row('accuracy', case.name, name, values, name in MAIN or '--rates' in case.options)
    yield Row('accuracy', case.name, 'threshold', [[t] if t else [] for t in best], False)
    for threshold in score.THRESHOLDS:
        for name in names[:3]:
            yield Row('accuracy', case.name, '%s at %d of %d' % (name, threshold, score.SAMPLES),
                      [values_of(kernel, threshold, name) for kernel in scores], False)


# --- Periodic ---

def periodic_rows(case, runs):
    values = {}
    for i, some in enumerate(runs):
        for run in some:
            one = score.score_turns(run.snapshots, run.phases, samples_per_aggregation(case),
                                    1000 * cases.setting(case, 'sample', 5000))
            seconds = sum(p.end - p.start for p in run.phases) / 1e9 - \
                cases.setting(case, 'warmup', 0) / 1000
            one.update(cost.flushes(cost.delta(run.begin, run.end), seconds))
            for name, value in one.items():
                if value is not None:
                    values.setdefault(name, [[], []])[i].append(value)
    for name, found in values.items():
        yield Row('periodic', case.name, name, found, True)


# --- Cost ---

def mean_regions(run):
    return statistics.mean(len(s.regions) for s in run.snapshots) if run.snapshots else 0


def counts_agree(run):
    """Whether the number of samples, counted as sleeps of the kdamond, fits that of snapshots."""
    wanted = samples_per_aggregation(run.case)
    seen = len(run.snapshots)
    # The last aggregation is not complete.
    return abs(run.end['switches'] / seen / wanted - 1) < 0.1 + 1 / seen


def note_counts(run):
    numbers = {len(s.regions) for s in run.snapshots}
    if len(numbers) > 1:
        run.notes.append('the number of regions is not pinned')
    if numbers and not counts_agree(run):
        run.notes.append('%d sleeps do not fit %d snapshots' %
                         (run.end['switches'], len(run.snapshots)))


def pinned_regions(run):
    return mean_regions(run) or cases.setting(run.case, 'min', 0)


def check_metrics(run):
    regions = pinned_regions(run)
    one = cost.check_cost(run.begin, run.end, regions, samples_per_aggregation(run.case))
    return {**one, 'regions': regions}


def check_rows(case, runs):
    for run in itertools.chain(*runs):
        note_counts(run)
    metrics = [[check_metrics(run) for run in some] for some in runs]
    for name in ('instructions a check', 'instructions an aggregation', 'regions'):
        values = [[m[name] for m in some if name in m] for some in metrics]
        yield Row('cost', case.name, name, values, name != 'regions')


def adaptive_rows(case, runs):
    """Cost of an aggregation with default bounds, and number of regions left after merging."""
    values = {'instructions an aggregation': [], 'regions reported': []}
    for some in runs:
        costs = [cost.check_cost(r.begin, r.end, 1, samples_per_aggregation(case)) for r in some]
        values['instructions an aggregation'].append(
            [c['instructions an aggregation'] for c in costs if c])
        values['regions reported'].append([mean_regions(r) for r in some])
    for name, found in values.items():
        yield Row('cost', '%s, 10-1000 regions' % case.name, name, found, True)


def memory_rows(few, many):
    """few and many have, for each kernel, the runs of the two cases."""
    def point(run):
        return cost.held(run.before, run.begin), cases.setting(run.case, 'min', 0)

    values = [[cost.memory_per_region(point(a), point(b)) for a, b in zip(*pairs)]
              for pairs in zip(few, many)]
    yield Row('cost', 'kernel memory', 'bytes a region', values, True)


def disturbance_rows(case, off, on):
    """off and on have, for each kernel, runs without and with the monitor."""
    per_kernel = []
    for without, watched in zip(off, on):
        per_kernel.append([])
        for a, b in zip(without, watched):
            seconds = sum(p.end - p.start for p in b.phases) / 1e9
            one = cost.disturbance(cost.delta(a.begin, a.end), cost.delta(b.begin, b.end), seconds)
            one['work of the target, on/off'] = truth.work(b.phases) / truth.work(a.phases)
            one['CPU time of the kdamond, %'] = cost.delta(b.begin, b.end)['exec'] / 1e7 / seconds
            per_kernel[-1].append(one)
    for name in sorted({name for some in per_kernel for one in some for name in one}):
        values = [[one[name] for one in some if name in one] for some in per_kernel]
        yield Row('disturbance', case.name, name, values, True)


# --- Schemes ---

def note_tried(run):
    """The scheme is for all regions or for none, each time."""
    tried = cost.delta(*run.tried)['nr_tried']
    passes = tried / pinned_regions(run)
    wanted = cost.samples(run.begin, run.end) / samples_per_aggregation(run.case)
    if tried and abs(passes - wanted) > 1.5:
        run.notes.append('%.1f passes over all regions in %.1f aggregations' % (passes, wanted))


def scheme_rows(case, without, runs):
    """without and runs have, for each kernel, the runs without the scheme and with it."""
    for run in itertools.chain(*runs):
        note_counts(run)
        note_tried(run)
    metrics = [[cost.scheme_cost(check_metrics(a), check_metrics(b), pinned_regions(b))
                for a, b in zip(*pairs)] for pairs in zip(without, runs)]
    for name in ('instructions an aggregation', 'added, %', 'instructions added a region'):
        values = [[m[name] for m in some if name in m] for some in metrics]
        yield Row('schemes', case.name, name, values, True)


def bytes_rows(case, runs):
    quota = [cases.setting(case, name, 0) for name in ('bytes', 'reset')]
    values = [[cost.bytes_tried(*run.tried, *quota) for run in some] for some in runs]
    yield Row('schemes', case.name, 'bytes tried, of the quota', values, True)


def time_of(run, without, quota):
    """Checks cost what they cost in the case without a scheme, however many there are here."""
    checks = check_metrics(without)['instructions a check'] * pinned_regions(run)
    return cost.time_taken(run.begin, run.end, *quota, checks)


def time_rows(case, without, runs):
    for run in itertools.chain(*runs):
        note_counts(run)
    quota = [cases.setting(case, name, 0) for name in ('ms', 'reset')]
    values = [[time_of(b, a, quota) for a, b in zip(*pairs)] for pairs in zip(without, runs)]
    yield Row('schemes', case.name, 'time taken, of the quota', values, True)


def goal_rows(case, runs):
    goal = cases.setting(case, 'goal', 0)
    for name, measure in (('seconds to the goal', pressure.seconds_to),
                          ('pressure, of the goal', pressure.settled),
                          ('error of 3 seconds, of the goal', pressure.error)):
        yield Row('schemes', case.name, name,
                  [[measure(goal, run.pressure) for run in some] for some in runs], True)


def all_rows(planned, runs):
    """planned are the cases, runs is {case: [runs of A, runs of B]}."""
    by_name = {(c.group, c.name): runs[c] for c in planned}
    nothing = [[], []]
    for case in planned:
        if case.group == 'accuracy':
            yield from accuracy_rows(case, runs[case])
        elif case.group == 'periodic':
            yield from periodic_rows(case, runs[case])
        elif case.group == 'check':
            yield from check_rows(case, runs[case])
        elif case.group == 'adaptive':
            yield from adaptive_rows(case, runs[case])
        elif case.group == 'memory' and case.name == 'many':
            yield from memory_rows(by_name.get(('memory', 'few'), nothing), runs[case])
        elif case.group == 'disturbance' and not case.name.endswith(', off'):
            off = by_name.get(('disturbance', case.name + ', off'), nothing)
            yield from disturbance_rows(case, off, runs[case])
        elif case.group == 'scheme':
            without = by_name.get(('check', cases.without_scheme(case)), nothing)
            yield from scheme_rows(case, without, runs[case])
        elif case.group == 'bytes':
            yield from bytes_rows(case, runs[case])
        elif case.group == 'time':
            without = by_name.get(('check', cases.without_scheme(case)), nothing)
            yield from time_rows(case, without, runs[case])
        elif case.group == 'goal':
            yield from goal_rows(case, runs[case])
