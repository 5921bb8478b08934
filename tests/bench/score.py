# SPDX-License-Identifier: GPL-2.0
"""How accurate a monitor is: pure functions of snapshots and truth.

Only memory that the generator mapped counts. Results for the program itself, or for gaps, are
ignored. The truth is rounded outward to pages as mapped.
"""
import bisect
import itertools
import statistics

SAMPLES = 20            # thresholds are for so many; for other numbers they are scaled
THRESHOLDS = (1, 2, 5)
GOALS = (0.8, 0.9)
UNSETTLED = 5           # windows after each change that "settled" leaves out


# --- Sets of bytes: sorted lists of disjoint (start, end) ---

def union(ranges):
    merged = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def intersection(a, b):
    found, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        start, end = max(a[i][0], b[j][0]), min(a[i][1], b[j][1])
        if start < end:
            found.append((start, end))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return found


def size(ranges):
    return sum(end - start for start, end in ranges)


# --- Truth and reports ---

def true_ranges(phase, threshold):
    """Memory that should be seen accessed in at least threshold of SAMPLES."""
    page = phase.page
    hot = [(h.start // page * page, -(-h.end // page) * page) for h in phase.hot
           if h.rate * SAMPLES >= threshold * 1000]
    return intersection(union(hot), union(phase.mapped))


def seen_ranges(snapshot, phase, threshold):
    """Memory that was seen accessed in at least threshold samples."""
    seen = union(r[:2] for r in snapshot.regions if r.nr_accesses >= threshold)
    return intersection(seen, union(phase.mapped))


def compare(seen, true):
    """Precision, recall and F1 in bytes; 0 where nothing was seen."""
    both = size(intersection(seen, true))
    return (both / size(seen) if seen else 0.0,
            both / size(true) if true else 0.0,
            2 * both / (size(seen) + size(true)) if seen or true else 1.0)


def working_set_error(seen, true):
    """Relative error of the size: 0 is right, 1 is twice the truth, -1 is nothing."""
    return (size(seen) - size(true)) / size(true)


def boundary_error(seen, true):
    """Mean distance of true boundaries to the nearest seen ones, each at most the range's size."""
    edges = sorted(itertools.chain.from_iterable(seen))
    distances = []
    for start, end in true:
        for edge in (start, end):
            i = bisect.bisect_left(edges, edge)
            near = [abs(e - edge) for e in edges[max(i - 1, 0):i + 1]]
            distances.append(min(near + [end - start]))
    return statistics.mean(distances)


def rank_correlation(snapshot, phase):
    """Spearman's, with a point for each byte: how often touched, and how often seen accessed."""
    points = {}
    cuts = sorted({e for rows in (snapshot.regions, phase.mapped, phase.hot)
                   for row in rows for e in row[:2]})
    regions = sorted(snapshot.regions)
    hot = sorted(phase.hot)
    mapped = union(phase.mapped)

    def at(rows, starts, address):
        i = bisect.bisect_right(starts, address) - 1
        return rows[i] if i >= 0 and address < rows[i][1] else None

    region_starts, hot_starts, mapped_starts = (
        [r[0] for r in rows] for rows in (regions, hot, mapped))
    for start, end in zip(cuts, cuts[1:]):
        if not at(mapped, mapped_starts, start):
            continue
        region, place = at(regions, region_starts, start), at(hot, hot_starts, start)
        key = place.touches if place else 0, region.nr_accesses if region else 0
        points[key] = points.get(key, 0) + end - start
    return weighted_spearman(points)


def weighted_spearman(points):
    """points is {(x, y): weight}; returns 0 if x or y is constant."""
    total = sum(points.values())

    def ranks(which):
        weights, below, rank = {}, 0, {}
        for key, weight in points.items():
            weights[key[which]] = weights.get(key[which], 0) + weight
        for value in sorted(weights):
            rank[value] = (below + weights[value] / 2) / total - 0.5
            below += weights[value]
        return rank

    x, y = ranks(0), ranks(1)
    products = [(w * x[a] * y[b], w * x[a] ** 2, w * y[b] ** 2) for (a, b), w in points.items()]
    xy, xx, yy = (sum(column) for column in zip(*products))
    return xy / (xx * yy) ** 0.5 if xx and yy else 0.0


# --- Places that take turns ---

def seen_samples(place, snapshot):
    """Reported accesses of a place: the mean of its regions."""
    total = sum((min(r.end, place[1]) - max(r.start, place[0])) * r.nr_accesses
                for r in snapshot.regions if r.start < place[1] and r.end > place[0])
    return total / (place[1] - place[0])


def touches(turns, part, since, until):
    """Times, from one to another, when the page at this part of a place was touched: once in each sweep."""
    found = []
    for t in turns:
        sweep = (t.stop - t.begin) / t.sweeps
        first = max(0, int((since - t.begin) / sweep) - 1)
        last = min(t.sweeps, int((until - t.begin) / sweep) + 2)
        found += [t.begin + (i + part) * (t.stop - t.begin) / t.sweeps for i in range(first, last)]
    return found


def true_samples(turns, begin, end, samples, interval):
    """In how many sampling intervals a page was touched, on average over the place's pages.

    It is not known when the intervals began, and whether they were longer than intended. So this
    returns the least and the most that is possible.
    """
    near = [t for t in turns if t.stop > begin - interval and t.begin < end]
    lengths = (interval, max(interval, (end - begin) / samples))
    since = end - max(lengths) * (samples + 1)
    times = [touches(near, part, since, end) for part in (0.1, 0.3, 0.5, 0.7, 0.9)]
    counts = []
    for length in lengths:
        for step in range(10):
            first = end - length * (samples + step / 10)
            hit = sum(len({int(i) for i in ((t - first) / length for t in page) if 0 <= i < samples})
                      for page in times)
            counts.append(hit / len(times))
    return min(counts), max(counts)


def outside(value, least, most):
    """How far a value is from a range."""
    return max(value - most, least - value, 0)


def score_turns(snapshots, phases, samples=SAMPLES, interval=5_000_000):
    """For all places of all phases: how often 0 was reported, and the error of the median.

    A place counts as touched if it was touched in at least a quarter of the intervals, whenever
    these began.
    """
    nothing, errors, seen = [], [], []
    for phase in phases:
        inside = [(a.time, b) for a, b in zip(snapshots, snapshots[1:])
                  if phase.start < a.time and b.time <= phase.end][UNSETTLED - 1:]
        for place in sorted({t[:2] for t in phase.busy}):
            turns = [t for t in phase.busy if t[:2] == place]
            said, least, most = [], [], []
            for begin, snapshot in inside:
                said.append(seen_samples(place, snapshot))
                low, high = true_samples(turns, begin, snapshot.time, samples, interval)
                least.append(low)
                most.append(high)
                if low * 4 >= samples:
                    nothing.append(said[-1] < 0.5)
            if said:
                seen += said
                errors.append(outside(*map(statistics.median, (said, least, most))))
    return {'says 0 of what is touched, %': 100 * statistics.mean(nothing) if nothing else None,
            'error of the median, of %d' % samples: max(errors) if errors else None,
            'least seen': min(seen) if seen else None, 'most seen': max(seen) if seen else None}


# --- All windows of a run ---

def windows(snapshots, phases):
    """(phase, number of the window from 1 on, snapshot); a window is in the phase it ends in."""
    for phase in phases:
        inside = [s for s in snapshots if phase.start < s.time <= phase.end]
        yield from ((phase, i + 1, s) for i, s in enumerate(inside))


def quartiles(values):
    if len(values) < 2:
        return (values or [0.0]) * 3
    return statistics.quantiles(values, n=4, method='inclusive')


def first_reaching(goal, numbered):
    """The first window with at least that F1, or None."""
    return next((number for number, f1 in numbered if f1 >= goal), None)


def score_threshold(rows, phases, threshold, samples):
    """Scores for memory that is accessed in at least threshold of SAMPLES."""
    least = max(1, -(-threshold * samples // SAMPLES))
    truth = {p.number: true_ranges(p, threshold) for p in phases}
    f1s = {p.number: [] for p in phases}
    settled = []
    for phase, number, snapshot in rows:
        true = truth[phase.number]
        if not true:
            continue
        seen = seen_ranges(snapshot, phase, least)
        quality = compare(seen, true)
        f1s[phase.number].append((number, quality[2]))
        if number > UNSETTLED:
            settled.append(quality + (working_set_error(seen, true), boundary_error(seen, true)))
    if not settled:
        return None
    precision, recall, f1, error, boundary = zip(*settled)
    low, middle, high = quartiles(list(error))
    result = {
        'precision': statistics.mean(precision), 'recall': statistics.mean(recall),
        'f1': statistics.mean(f1),
        'wss error p25': low, 'wss error p50': middle, 'wss error p75': high,
        'boundary error': statistics.median(boundary),
    }
    for goal in GOALS:
        result['windows to %.1f' % goal] = [first_reaching(goal, f1s[p.number]) for p in phases]
    return result


def score(snapshots, phases, samples=SAMPLES):
    """All scores of the accuracy of a run."""
    rows = list(windows(snapshots, phases))
    settled = [(p, s) for p, number, s in rows if number > UNSETTLED]
    result = {'thresholds': {}, 'windows': len(rows)}
    if not settled:
        return result
    for threshold in THRESHOLDS:
        one = score_threshold(rows, phases, threshold, samples)
        if one:
            result['thresholds'][threshold] = one
    result['regions'] = statistics.mean(len(s.regions) for _, s in settled)
    result['rank correlation'] = statistics.mean(rank_correlation(s, p) for p, s in settled[::4])
    result['suspicion'] = suspicion(settled, samples)
    return result


def suspicion(settled, samples):
    """Why not to trust the scores: monitors that do not check any page report like this."""
    hot = [size(seen_ranges(s, p, 1)) / size(union(p.mapped)) for p, s in settled]
    if max(hot) == 0:
        return 'reports nothing hot'
    if min(hot) == 1:
        return 'reports everything hot'
    if max(r.nr_accesses for _, s in settled for r in s.regions) > samples:
        return 'reports more accesses than samples'
    if statistics.mean(size(intersection(union(r[:2] for r in s.regions), union(p.mapped))) /
                       size(union(p.mapped)) for p, s in settled) < 0.9:
        return 'does not report all memory'
    return ''
