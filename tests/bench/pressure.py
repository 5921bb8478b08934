# SPDX-License-Identifier: GPL-2.0
"""Whether a scheme finds a goal of memory pressure, and keeps it."""
import collections
import statistics

# In seconds; how long somebody has waited for memory, in microseconds, until then
Sample = collections.namedtuple('Sample', 'time waited')

MEAN_OF = 3     # seconds, which samples are apart
NEAR = 0.8


def parse(text):
    """Samples saved by tests/bench/guest: the time, and a line of memory.pressure."""
    return [Sample(float(line.split()[0]), int(line.rpartition('total=')[2]))
            for line in text.splitlines()]


def share(before, after, goal):
    """Pressure between two samples, compared with the goal, which is of each second."""
    return (after.waited - before.waited) / (after.time - before.time) / goal


def shares(goal, samples):
    """Means of three seconds, compared with the goal; with the time when they end."""
    return [(after.time, share(before, after, goal))
            for before, after in zip(samples, samples[MEAN_OF:])]


def seconds_to(goal, samples):
    """When a mean of three seconds first was near the goal; None: never."""
    near = (time for time, mean in shares(goal, samples) if mean >= NEAR)
    return next((time - samples[0].time for time in near), None)


def last_half(samples):
    return samples[len(samples) // 2:]


def settled(goal, samples):
    """Pressure of the last half, compared with the goal."""
    half = last_half(samples)
    return share(half[0], half[-1], goal)


def error(goal, samples):
    """How far means of three seconds are from the goal, on average, in the last half."""
    return statistics.mean(abs(mean - 1) for _, mean in shares(goal, last_half(samples)))
