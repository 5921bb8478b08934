# SPDX-License-Identifier: GPL-2.0
"""How right a monitor can be that reports so many ranges and no more.

It knows all that was accessed, and chooses at most so many ranges to call hot. Hot memory in more
places than that makes it call cold memory hot, or leave some out.
"""
import heapq


def runs(mapped, hot):
    """Sizes of what is hot and of what is cold between, by turns; hot at both ends.

    Memory that is not mapped is left out, as it does not count.
    """
    sizes, cold, i = [], 0, 0
    for start, end in sorted(mapped):
        at = start
        while i < len(hot) and hot[i][1] <= start:
            i += 1
        while at < end:
            if i == len(hot) or hot[i][0] >= end:
                cold += end - at
                break
            first, last = max(hot[i][0], at), min(hot[i][1], end)
            cold += first - at
            if cold and sizes:
                sizes += [cold, last - first]
            elif sizes:
                sizes[-1] += last - first
            else:
                sizes = [last - first]
            cold, at = 0, last
            i += hot[i][1] <= end
    return sizes


def heaviest(weights, most):
    """The largest sum of at most so many ranges of weights, positive and negative by turns.

    As long as there are too many, the weight that matters least is given up: a range is left
    out, or two become one with what is between.
    """
    left, right = ([i + step for i in range(len(weights))] for step in (-1, 1))
    right[-1] = -1
    value, gone = list(weights), set()
    queue = [(abs(v), i) for i, v in enumerate(value)]
    heapq.heapify(queue)
    for _ in range((len(weights) + 1) // 2 - most):
        size, i = heapq.heappop(queue)
        while i in gone or size != abs(value[i]):
            size, i = heapq.heappop(queue)
        before, after = left[i], right[i]
        if before >= 0 and after >= 0:
            value[i] += value[before] + value[after]
            left[i], right[i] = left[before], right[after]
            gone.update((before, after))
            heapq.heappush(queue, (abs(value[i]), i))
        else:
            # One at an end, and what is cold beside it
            beside = max(before, after)
            gone.update((i, beside))
            left[i], right[i] = (left[beside], -1) if after < 0 else (-1, right[beside])
        for near, links in ((left[i], right), (right[i], left)):
            if near >= 0:
                links[near] = i if i not in gone else -1
    return sum(v for i, v in enumerate(value) if v > 0 and i not in gone)


def best_f1(mapped, hot, most):
    """The F1 of the best choice of ranges, to a thousandth; None if nothing is hot."""
    sizes = runs(mapped, hot)
    if not sizes:
        return None
    if len(sizes) // 2 < most:
        return 1.0
    true = sum(sizes[::2])
    low, high = 0.0, 1.0
    # F1 is at least f if 2 * both - f * (seen + true) can be made at least 0.
    while high - low > 0.001:
        f = (low + high) / 2
        weights = [size * (-f if i % 2 else 2 - f) for i, size in enumerate(sizes)]
        low, high = (f, high) if heaviest(weights, most) >= f * true else (low, f)
    return low
