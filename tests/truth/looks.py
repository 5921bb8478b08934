# SPDX-License-Identifier: GPL-2.0
"""What one would know who looks at each page in some of the slots, chosen by chance.

No monitor: of what regions can't say, where the TLB hides nothing. It tells how much of an error
comes from looking at few pages, and how much is left if all are looked at.
"""
import functools
import math
import random

NR_LOOKS = 4            # at each page, in an aggregation
WEIGHT = 1 / 2          # of these, against all that was seen before
STEP = 4                # what is known is in quarters of a slot, so that tables stay small


@functools.cache
def chances(slots, samples):
    """Weights of 0 to NR_LOOKS hits at a page that is accessed in so many slots."""
    return [math.comb(slots, hits) * math.comb(samples - slots, NR_LOOKS - hits)
            for hits in range(NR_LOOKS + 1)]


class Looker:
    def __init__(self, samples):
        self.samples = samples
        self.chance = random.Random(1)
        self.known = {}         # slots by page, where that is not nothing

    def look(self, heat, page=4096):
        """Look during an aggregation. heat is sorted; return what is known: (start, end, slots)."""
        scale, before, now = WEIGHT * self.samples / NR_LOOKS, self.known, {}
        for start, end, slots in heat:
            pages = range(start // page, end // page)
            chance = chances(min(slots, self.samples), self.samples)
            hits = self.chance.choices(range(NR_LOOKS + 1), chance, k=len(pages))
            for at, found in zip(pages, hits):
                now[at] = before.pop(at, 0) * (1 - WEIGHT) + scale * found
        now.update((at, value * (1 - WEIGHT)) for at, value in before.items())
        self.known = {at: now[at] for at in sorted(now) if now[at] * STEP >= 0.5}
        return self.ranges(page)

    def ranges(self, page):
        found, first, last, known = [], None, None, None
        for at, value in self.known.items():
            value = round(value * STEP) / STEP
            if at - 1 != last or value != known:
                if known:
                    found.append((first * page, (last + 1) * page, known))
                first, known = at, value
            last = at
        if known:
            found.append((first * page, (last + 1) * page, known))
        return found
