# SPDX-License-Identifier: GPL-2.0
"""Rows of numbers as a text table, as CSV and as plots."""
import csv
import io
import math
import re
import statistics
import subprocess


def median(values):
    """The median; None is "never", which is later than any time."""
    return statistics.median(math.inf if v is None else v for v in values) if values else None


def number(value):
    """Four significant digits, no exponents."""
    if value is None:
        return '-'
    if math.isinf(value):
        return 'never'
    if value == 0:
        return '0'
    digits = max(0, 3 - math.floor(math.log10(abs(value))))
    return '%.*f' % (min(digits, 3), value)


def ratio(a, b):
    """The ratio of two values; there is none if one is below 0 or "never"."""
    if a is None or b is None or math.isinf(a) or math.isinf(b) or a < 0 or b <= 0:
        return '-'
    return '%.2f' % (a / b)


def cell(values):
    """Median and spread."""
    if not values:
        return '-'
    text = number(median(values))
    ordered = sorted(math.inf if v is None else v for v in values)
    if number(ordered[0]) != number(ordered[-1]):
        text += ' (%s..%s)' % (number(ordered[0]), number(ordered[-1]))
    return text


def aligned(lines):
    """Lines of words as columns; those of one word are titles."""
    columns = max(map(len, lines))
    widths = [max(len(line[i]) for line in lines if len(line) > max(i, 1)) for i in range(columns)]
    padded = ('  '.join(word.ljust(w) for word, w in zip(line, widths)) for line in lines)
    return ''.join(line.rstrip() + '\n' for line in padded)


def text_table(rows, everything=False):
    lines = [('case', 'metric', 'A', 'B', 'A/B')]
    group = before = None
    for row in rows:
        if not (row.main or everything):
            continue
        if row.group != group:
            lines += [(), (row.group.upper(),)]
            group, before = row.group, None
        a, b = row.values
        lines.append((row.case if row.case != before else '', row.metric, cell(a), cell(b),
                      ratio(median(a), median(b))))
        before = row.case
    return aligned(lines)


def csv_table(rows):
    out = io.StringIO()
    write = csv.writer(out, lineterminator='\n').writerow
    columns = ('median', 'least', 'most', 'values', 'never')
    header = ['%s %s' % (kernel, column) for kernel in 'AB' for column in columns]
    write(['group', 'case', 'metric'] + header + ['A/B'])
    for row in rows:
        fields = []
        for values in row.values:
            known = [math.inf if v is None else v for v in values]
            fields += [number(median(values)), number(min(known, default=None)),
                       number(max(known, default=None)), len(values), values.count(None)]
        write([row.group, row.case, row.metric] + fields + [ratio(*map(median, row.values))])
    return out.getvalue()


# --- Plots ---

BARS = '''set style data histograms
set style fill solid 0.8
set xtics rotate by -35
plot $data using 2:xtic(1) title 'A', '' using 3 title 'B'
'''
# For long names
WIDE = 'set bmargin 12\nset rmargin 14\n'
LINES = '''set logscale xy
plot $data using 1:2 with linespoints title 'A', '' using 1:3 with linespoints title 'B'
'''
UNITS = {'M': 2**20, 'G': 2**30, 'T': 2**40}


def footprint(name):
    """Bytes of a case that is named after its size."""
    found = re.match(r'(\d+)([MGT])$', name.split(',')[0])
    return int(found[1]) * UNITS[found[2]] if found else None


def regions(name):
    found = re.match(r'(\d+) regions$', name)
    return int(found[1]) if found else None


def quoted(name):
    return '"%s"' % name.replace('"', "'")


# file, title of the y axis, group, metric, values on the x axis, how it is drawn
PLOTS = [
    ('f1.png', 'settled F1', 'accuracy', 'f1', quoted, 'set yrange [0:1]\n' + WIDE + BARS),
    ('windows.png', 'windows until F1 is 0.8 (none: never)', 'accuracy', 'windows to 0.8', quoted,
     WIDE + BARS),
    ('checks.png', 'instructions a check, by regions', 'cost', 'instructions a check', regions,
     LINES),
    ('footprint.png', 'instructions a check, by bytes watched', 'cost', 'instructions a check',
     footprint, LINES),
]


def plot_script(rows, title, group, metric, place, how):
    points = []
    for row in rows:
        if (row.group, row.metric) != (group, metric) or place(row.case) is None:
            continue
        points.append([place(row.case)] + [median(v) for v in row.values])
    if not points:
        return None
    if place is not quoted:
        points.sort(key=lambda p: p[0])
    data = '\n'.join(' '.join('NaN' if v in (None, math.inf) else str(v) for v in p)
                     for p in points)
    return "$data << EOD\n%s\nEOD\nset ylabel '%s'\nset grid y\n%s" % (data, title, how)


def plot(rows, folder):
    """Make plots in a folder; returns their files."""
    made = []
    for name, title, group, metric, place, how in PLOTS:
        script = plot_script(rows, title, group, metric, place, how)
        if not script:
            continue
        script = "set terminal png size 1200,700\nset output '%s'\n%s" % (folder / name, script)
        if subprocess.run(['gnuplot'], input=script.encode(), check=False).returncode == 0:
            made.append(folder / name)
    return made
