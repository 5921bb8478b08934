# SPDX-License-Identifier: GPL-2.0
"""What is measured: tables of cases.

A row is a name, options of the generator, and settings that are not the default.
"""
import collections

# group decides how a case is run and evaluated; settings are those of tests/bench/guest
Case = collections.namedtuple('Case', 'group name options settings quick')

# Known truth; hot places move once. Quick rows are those of QUICK=1. Pages are 4 KiB of anonymous
# memory unless the name tells otherwise; "of" is what is mapped, the pool is real memory.
HUGETLB = '--kind hugetlb --stride 2M --pool 128M'
PATTERNS = [
    # quick with the TLB evicted, and with it kept; name; options; settings
    (1, 1, '8M of 256M', '--size 256M --hot 8M', ''),
    (0, 0, '102M of 1G', '--size 1G --hot 102M', ''),
    (1, 0, '816M of 8G, hugetlb', '--size 8G --hot 816M ' + HUGETLB, 'hugepages=150'),
    (1, 0, '4M of 4G, file', '--size 4G --hot 4M --kind file --pool 128M', ''),
    (1, 1, '64M in 2 places of 1G, thp', '--size 1G --hot 64M --places 2 --kind thp', ''),
    (1, 0, '102M in 64 places of 1G', '--size 1G --hot 102M --places 64', ''),
    (1, 0, '8M in 16 places of 1G', '--size 1G --hot 8M --places 16', ''),
    (0, 0, '32M at 4 rates of 512M', '--size 512M --hot 32M --places 8 --rates 100,50,25,12', ''),
    (0, 0, '16M of 256M in 500 mappings', '--size 256M --hot 16M --places 4 --mappings 500', ''),
    (0, 0, '32M of 512M that shrinks', '--size 512M --hot 32M --resize 25', ''),
    (0, 0, '10G of 100G, hugetlb', '--size 100G --hot 10G ' + HUGETLB, 'hugepages=150'),
    (0, 0, '100G of 1T, hugetlb', '--size 1T --hot 100G ' + HUGETLB, 'hugepages=150'),
    (0, 0, '8M of 256M of a virtual machine', '--size 256M --hot 8M --vm', ''),
]
TLB_EVICTED = '--cpu 1 --phases 2 --period 5000 --tick'
TLB_KEPT = '--cpu 1 --phases 2 --period 2500'


def accuracy():
    for quick, quick_kept, name, options, settings in PATTERNS:
        yield Case('accuracy', name, '%s %s' % (TLB_EVICTED, options), settings, quick)
        yield Case('accuracy', name + ', TLB kept', '%s %s' % (TLB_KEPT, options), settings,
                   quick_kept)


# Two areas in turn, half a cycle apart; cycle and turn in microseconds. Ten phases, which begin at
# any time between two samples. Interrupts are counted after the first five seconds.
CYCLES = [(10000, 2000), (10060, 2000), (16670, 3000), (20000, 1000), (20000, 4000), (40000, 4000),
          (100000, 10000)]
TURNS = '--size 256M --hot 32M --places 2 --phases 10 --period 2500 --cpu 1'


def periodic():
    for cycle, turn in CYCLES:
        name = '%g ms of each %g ms' % (turn / 1000, cycle / 1000)
        options = '%s --cycle %d --busy %d' % (TURNS, cycle, turn)
        quick = cycle == 20000 and turn == 4000
        yield Case('periodic', name, options + ' --tick', 'warmup=5000', quick)
        yield Case('periodic', name + ', TLB kept', options, 'warmup=5000', quick)


# Instructions of the kdamond. Equal bounds fix the number of regions, so that as many are reported
# after merging as were checked before. The generator sleeps most of the time.
RESTING = '--cpu 0 --still --phases 1 --rates 100 --hot 4M'
LOOKED_AT = '--size 256M --untouched --period '
HUNDRED, THOUSAND = 'min=100 max=100 ', 'min=1000 max=1000 '
CHECKS = [
    # quick; name; options; settings
    (1, '10 regions', '--size 256M --period 2000', 'min=10 max=10'),
    (1, '100 regions', '--size 256M --period 2000', 'min=100 max=100'),
    (1, '1000 regions', '--size 256M --period 2000', 'min=1000 max=1000'),
    (1, '1000 regions, not traced', '--size 256M --period 2000', 'min=1000 max=1000 trace=0'),
    (1, '10000 regions', '--size 256M --period 6000',
     'min=10000 max=10000 sample=100000 aggr=2000000'),
    (0, '1000 regions of a virtual machine', '--size 256M --period 2000 --vm', 'min=1000 max=1000'),
    (0, '64M', '--size 64M --period 2000', 'min=1000 max=1000'),
    (0, '1G', '--size 1G --period 2000', 'min=1000 max=1000'),
    (0, '8G, file', '--size 8G --period 2000 --kind file --pool 128M', 'min=1000 max=1000'),
    (0, '64G, file', '--size 64G --period 2000 --kind file --pool 128M', 'min=1000 max=1000'),
    # After the Accessed bit of every page was cleared
    (0, '100 regions, looked at before', LOOKED_AT + '6000', HUNDRED + 'warmup=1000'),
    (1, '1000 regions, looked at before', LOOKED_AT + '6000', THOUSAND + 'warmup=1000'),
    (0, '64M, looked at before', '--size 64M --untouched --period 2000', 'min=1000 max=1000'),
    (0, '1G, looked at before', '--size 1G --untouched --period 2000', 'min=1000 max=1000'),
    (0, '8G, file, looked at before',
     '--size 8G --untouched --period 2000 --kind file --pool 128M', 'min=1000 max=1000'),
    (0, '64G, file, looked at before',
     '--size 64G --untouched --period 2000 --kind file --pool 128M', 'min=1000 max=1000'),
    (0, '1T, hugetlb, looked at before', '--size 1T --period 12000 ' + HUGETLB,
     'min=1000 max=1000 hugepages=80 warmup=10000'),
    (0, '1G, hugetlb', '--size 1G --period 2000 ' + HUGETLB, 'min=400 max=400 hugepages=80'),
    (0, '100G, hugetlb', '--size 100G --period 2000 ' + HUGETLB,
     'min=1000 max=1000 hugepages=80'),
    (0, '1T, hugetlb', '--size 1T --period 2000 ' + HUGETLB, 'min=1000 max=1000 hugepages=80'),
]
# With the default bounds the monitor chooses the number of regions.
ADAPTIVE = [
    (1, '8M of 256M', '--size 256M --hot 8M --period 4000', 'warmup=1000'),
    (0, '32M in 16 places of 512M', '--size 512M --hot 32M --places 16 --period 4000',
     'warmup=1000'),
]
# Memory held while 10 and 50,000 regions wait for their first sample
WAITING = 'sample=2000000 aggr=4000000 warmup=100'
MEMORY = [
    (1, 'few', '--size 256M --period 500', 'min=10 max=10 ' + WAITING),
    (1, 'many', '--size 256M --period 500', 'min=50000 max=50000 ' + WAITING),
]
# Schemes. What they add is counted beside the case "looked at before" with as many regions, since
# some clear Accessed bits. Quotas are less than there is to do. Goals are pressure in us of each
# second, by memory that is paged out and soon used again; they are the last ones, as swap stays on.
PAGE_OUT = 'warmup=0 memory=max action=pageout accesses=2 age=5 bytes=67108864 reset=1000 '
SCHEMES = [
    # quick; group; name; options; settings
    (1, 'scheme', '1000 regions, nothing fits', LOOKED_AT + '6000',
     THOUSAND + 'action=cold age=9999'),
    (1, 'scheme', '1000 regions, stat', LOOKED_AT + '6000', THOUSAND + 'action=stat'),
    (0, 'scheme', '1000 regions, cold', LOOKED_AT + '6000', THOUSAND + 'action=cold'),
    (0, 'time', '100 regions, 8 ms of each 200 ms', LOOKED_AT + '22000',
     HUNDRED + 'action=cold ms=8 reset=200'),
    (1, 'bytes', '8M of each 200 ms', '--size 256M --period 22000',
     'action=cold bytes=8388608 reset=200'),
    (0, 'goal', '10 ms of each second, used again in 0.3 s',
     '--size 36M --roam 128 --period 90000', PAGE_OUT + 'goal=10000'),
    (0, 'goal', '10 ms of each second, used again in 2 s',
     '--size 68M --roam 32 --period 90000', PAGE_OUT + 'goal=10000'),
]


def without_scheme(case):
    """The name of the case that one with a scheme is compared with."""
    return case.name.partition(', ')[0] + ', looked at before'


def has_scheme(case):
    return 'action=' in case.settings


def cost():
    for quick, name, options, settings in CHECKS:
        yield Case('check', name, '%s %s' % (RESTING, options), 'warmup=300 ' + settings, quick)
    for quick, name, options, settings in ADAPTIVE:
        yield Case('adaptive', name, '%s %s' % (RESTING, options), settings, quick)
    for quick, name, options, settings in MEMORY:
        yield Case('memory', name, '%s %s' % (RESTING, options), settings, quick)
    for quick, group, name, options, settings in SCHEMES:
        yield Case(group, name, '%s %s' % (RESTING, options), 'warmup=1000 ' + settings, quick)


# The target's work, page faults, interrupts and swapping on two CPUs; each also without a monitor
TARGETS = [
    (1, '32M of 256M', '--size 256M --hot 32M', ''),
    (0, '64M of 512M, thp', '--size 512M --hot 64M --kind thp', ''),
    (0, '32M of 256M, maps and unmaps', '--size 256M --hot 32M --churn', ''),
    # The last one, as swap stays on
    (0, '32M of 256M, of which 128M are there', '--size 256M --hot 32M --roam 32', 'memory=128M'),
]


def disturbance():
    for quick, name, options, settings in TARGETS:
        for suffix, monitor in ((', off', 0), ('', 1)):
            yield Case('disturbance', name + suffix,
                       '--cpu 1 --still --phases 1 --period 3000 %s' % options,
                       'warmup=200 min=1000 max=1000 monitor=%d %s' % (monitor, settings), quick)


def everything():
    return [*accuracy(), *periodic(), *disturbance(), *cost()]


def folder(case):
    """The name of the folder for a case."""
    return ''.join(c if c.isalnum() else '-' for c in '%s %s' % (case.group, case.name))


def plan_line(case, seed):
    return '%s|%s|%s --seed %d' % (folder(case), case.settings, case.options, seed)


def setting(case, name, default):
    """A number from a case's settings."""
    pairs = dict(word.split('=') for word in case.settings.split())
    return int(pairs.get(name, default))
