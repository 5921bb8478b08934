# SPDX-License-Identifier: GPL-2.0
"""Tables of all configurations, and a picture of what they add to the first one, orig."""
import subprocess

import measured
import table
import traced

from configs import ORIG
from results import Row

TOTAL = 'total'
KERNELS = 'AB'
OVERHEADS = (*measured.OVERHEADS, traced.MISSES, traced.WALKS)
# There is no sum of shares.
SHARES = (*measured.SHARES, traced.HOT)


def rows(runs, programs, configs, metrics):
    """Rows of the benchmark, of runs as {(program, configuration, kernel): summaries}."""
    for metric in metrics:
        for config in configs:
            column = [[[one[metric] for one in runs.get((program, config, kernel), [])]
                       for kernel in KERNELS] for program in programs]
            for program, values in zip(programs, column):
                yield Row(program, config, metric, values, True)
            if metric not in SHARES:
                yield Row(TOTAL, config, metric, [total(some) for some in zip(*column)], True)


def total(lists):
    """Sums of all programs, seed by seed; none if a program lacks one."""
    lengths = {len(some) for some in lists}
    return [sum(values) for values in zip(*lists)] if len(lengths) == 1 else []


def overhead(value, base):
    """By how much a value is larger, in per cent."""
    return 100 * (value / base - 1) if base and value is not None else None


def cell(value, base):
    """A value, and what it adds to base, if there is one."""
    more = overhead(value, base)
    return table.number(value) + ('' if more is None else ' (%+.2f)' % more)


def text_table(all_rows, metric):
    """A row a program and kernel, and a total; a column a configuration, the first one is orig."""
    mine = [row for row in all_rows if row.metric == metric]
    medians = {(row.group, row.case): [table.median(values) for values in row.values]
               for row in mine}
    configs = list(dict.fromkeys(row.case for row in mine))
    lines = [(metric,), ('', '', *configs)]
    for group in dict.fromkeys(row.group for row in mine):
        for i, kernel in enumerate(KERNELS):
            values = [medians[group, config][i] for config in configs]
            base = values[0] if metric in OVERHEADS else None
            lines.append(('' if i else group, kernel, table.number(values[0]),
                          *(cell(value, base) for value in values[1:])))
    return table.aligned(lines)


def text_tables(all_rows):
    """All of them, without those in which all is 0."""
    interesting = dict.fromkeys(row.metric for row in all_rows if any(map(any, row.values)))
    return '\n'.join(text_table(all_rows, metric) for metric in interesting)


# --- Picture ---

MARGINS = 'set bmargin 6\nset key above\n'


def overhead_rows(all_rows):
    """What each configuration adds to the total, in per cent."""
    totals = {(row.metric, row.case): row.values for row in all_rows if row.group == TOTAL}
    for (metric, config), values in totals.items():
        if metric in measured.OVERHEADS and config != ORIG:
            more = [overhead(table.median(some), table.median(base))
                    for some, base in zip(values, totals[metric, ORIG])]
            yield Row(metric, config, 'added', [[] if m is None else [m] for m in more], True)


def picture(all_rows, file):
    """Draw it, if there is anything to draw; returns whether that worked."""
    added = list(overhead_rows(all_rows))
    if not added:
        return True
    panels = [table.plot_script(added, metric.split(',', maxsplit=1)[0] + ', added %', metric,
                                'added', table.quoted, MARGINS + table.BARS)
              for metric in measured.OVERHEADS]
    script = "set terminal png size 1500,600\nset output '%s'\nset multiplot layout 1,3\n%s" % (
        file, ''.join(filter(None, panels)))
    return subprocess.run(['gnuplot'], input=script.encode(), check=False).returncode == 0
