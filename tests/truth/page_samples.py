# SPDX-License-Identifier: GPL-2.0
"""What would be known if each page were checked in some of the slots, chosen at random.

No monitor, as it has no regions and the TLB hides nothing from it. It tells how much of an error
comes from checking few pages, and how much is left if all are checked.
"""
import functools
import math
import random

from cost import PAGE

NR_CHECKS = 4           # of each page, in an aggregation
WEIGHT = 1 / 2          # of these, against all that were before
STEP = 4                # what is known is in quarters of a slot, so that tables stay small


@functools.cache
def chances(slots, samples):
    """Weights of 0 to NR_CHECKS hits at a page that is accessed in so many slots."""
    return [math.comb(slots, hits) * math.comb(samples - slots, NR_CHECKS - hits)
            for hits in range(NR_CHECKS + 1)]


class PageSamples:
    def __init__(self, samples):
        self.samples = samples
        self.random = random.Random(1)
        self.known = {}         # slots by page, where that is not nothing

    def add(self, heat):
        """Check during an aggregation. heat is sorted; return what is known, in the same form."""
        scale, before, now = WEIGHT * self.samples / NR_CHECKS, self.known, {}
        for start, end, slots in heat:
            pages = range(start // PAGE, end // PAGE)
            weights = chances(min(slots, self.samples), self.samples)
            hits = self.random.choices(range(NR_CHECKS + 1), weights, k=len(pages))
            for page, found in zip(pages, hits):
                now[page] = before.pop(page, 0) * (1 - WEIGHT) + scale * found
        now.update((page, value * (1 - WEIGHT)) for page, value in before.items())
        self.known = {page: now[page] for page in sorted(now) if now[page] * STEP >= 0.5}
        return self.ranges()

    def ranges(self):
        found, first, last, known = [], None, None, None
        for page, value in self.known.items():
            value = round(value * STEP) / STEP
            if page - 1 != last or value != known:
                if known:
                    found.append((first * PAGE, (last + 1) * PAGE, known))
                first, known = page, value
            last = page
        if known:
            found.append((first * PAGE, (last + 1) * PAGE, known))
        return found
