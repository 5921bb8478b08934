# SPDX-License-Identifier: GPL-2.0
"""What huge pages were worth in a run of which the emulator has seen each access."""
import accesses
import joint
import results
import scores

from guests import Failed
from measured import KIB

# What a miss costs, by the sources in eval.rst: a hit in the second level, and a walk through page
# tables that are in the caches
HIT_NS, WALK_NS = 7 / 3, 10

MISSES, WALKS, HOT = 'TLB misses, ms', 'page walks, thousands', 'of huge pages hot, %'
HUGE = 'huge pages by the page tables, KiB'
METRICS = [MISSES, WALKS, HUGE, HOT]


def huge_bytes(memory):
    """Bytes in huge pages, and those of them that were hot."""
    table = joint.table_of(memory.huge, memory.heat, [])
    return (joint.total(table),
            joint.total(table, lambda slots, said: slots >= scores.MAIN_THRESHOLD))


def summary(memories):
    """All metrics, of what is known of a process in each aggregation in which it ran."""
    if not memories:
        raise Failed('the program did not run')
    _, hits, *walks = memories[-1].tlb
    # One that has ended has no mappings any more.
    pairs = [huge_bytes(memory) for memory in memories if memory.mapped]
    huge, hot = (sum(side) for side in zip(*pairs))
    return {MISSES: (hits * HIT_NS + sum(walks) * WALK_NS) / 1e6,
            WALKS: sum(walks) / 1e3,
            HUGE: huge / len(pairs) / KIB,
            HOT: 100 * hot / huge if huge else 0}


def load(folder, program):
    """The same for the files of a run."""
    try:
        if (folder / program / 'failed').exists():
            raise Failed(results.read(folder / program / 'failed').strip())
        tgid = int(results.read(folder / program / 'target'))
        seen = accesses.load(folder / 'accesses', {tgid})
        return summary([a.memory[tgid] for a in seen if tgid in a.memory])
    except (results.Failed, accesses.Malformed, ValueError) as e:
        raise Failed(e) from None
