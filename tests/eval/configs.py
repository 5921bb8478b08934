# SPDX-License-Identifier: GPL-2.0
"""What the programs run under, one configuration a row."""
import collections

KIB, MIB = 1 << 10, 1 << 20
AGGREGATIONS = 10       # a second, and each has 20 samples: intervals are those of monitor.sh

# For regions of at least so many bytes that have been accessed in at least and at most so many of
# 20 samples (one is 5 %) for at least so many seconds
Scheme = collections.namedtuple('Scheme', 'action size least most age')

# huge: transparent huge pages; operations: those of the monitor, none if empty; record: its
# tracepoint is on, into a ring buffer; swap: in compressed memory; reclaim: parameters of
# DAMON_RECLAIM; traced: once more with an emulator that sees each access, for what huge pages are
# worth
Config = collections.namedtuple(
    'Config', 'name quick huge operations record swap schemes reclaim traced',
    defaults=('madvise', '', 0, 0, (), (), 0))

ETHP = (Scheme('hugepage', 0, 1, 20, 0), Scheme('nohugepage', 2 * MIB, 0, 0, 13))
PRCL = (Scheme('pageout', 4 * KIB, 0, 1, 7),)
# Candidates, not tuned yet: huge pages where more is hot and stays so, and no others sooner
ETHP_TUNED = (Scheme('hugepage', 2 * MIB, 4, 20, 0.5), Scheme('nohugepage', 2 * MIB, 0, 0, 5))
# What was not accessed at all, for longer
PRCL_TUNED = (Scheme('pageout', 4 * KIB, 0, 0, 10),)

# Always active. The quotas are the default: 10 ms and 128 MiB in each second.
RECLAIM = (('min_age', 7_000_000), ('quota_ms', 10), ('quota_sz', 128 * MIB),
           ('quota_reset_interval_ms', 1000),
           ('wmarks_high', 1000), ('wmarks_mid', 999), ('wmarks_low', 0))

QUICK = ('redis', 'sqlite')      # programs of a quick evaluation
ORIG = 'orig'
CONFIGS = [
    Config(ORIG, 1, traced=1),
    Config('rec', 1, operations='vaddr', record=1),
    Config('prec', 1, operations='paddr', record=1),
    Config('thp', 1, huge='always', traced=1),
    Config('ethp', 1, operations='vaddr', schemes=ETHP, traced=1),
    Config('prcl', 1, operations='vaddr', swap=1, schemes=PRCL),
    Config('reclaim', 1, swap=1, reclaim=RECLAIM),
    Config('ethp tuned', 0, operations='vaddr', schemes=ETHP_TUNED, traced=1),
    Config('prcl tuned', 0, operations='vaddr', swap=1, schemes=PRCL_TUNED),
]


def is_monitored(config):
    return bool(config.operations or config.reclaim)


def words(config):
    """The configuration as tests/eval/guest reads it."""
    yield from ('%s=%s' % (name, getattr(config, name))
                for name in ('huge', 'operations', 'record', 'swap'))
    for scheme in config.schemes:
        in_aggregations = scheme._replace(age=round(scheme.age * AGGREGATIONS))
        yield 'scheme=%s' % ':'.join(map(str, in_aggregations))
    for parameter in config.reclaim:
        yield 'parameter=%s:%d' % parameter
