# SPDX-License-Identifier: GPL-2.0
"""Heat maps side by side: the truth, and what each monitor said."""
import subprocess

import guests
import score

LINES = 300             # of a map; addresses that nobody accessed or reported are left out

SCRIPT = '''set terminal png size 1500,700
set output '%s'
set palette defined (0 'black', 0.05 'navy', 0.3 'purple', 0.6 'orange', 1 'white')
set cbrange [0:20]
unset ytics
set xlabel 'aggregation'
set xrange [0:%d]
set multiplot layout 1,3 title '%s'
'''
PANEL = '''$map << EOD
%s
EOD
set title '%s'
plot $map matrix using 1:2:3 with image notitle
'''


def interesting(lists):
    """Ranges of addresses that have a value in (start, end, value); small gaps are closed."""
    found = []
    for start, end in score.union(r[:2] for rows in lists for r in rows if r[2]):
        if found and start - found[-1][1] < 2**20:
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return found


def column(rows, places, unit):
    """Mean values of each unit of some places, which are thought to lie one after the other."""
    sums, base, i = [0.0] * (LINES + 1), 0, 0
    rows = [r for r in rows if r[2]]
    for start, end in places:
        while i < len(rows) and rows[i][0] < end:
            at, stop = max(rows[i][0], start), min(rows[i][1], end)
            while at < stop:
                line = (base + at - start) // unit
                part = min(stop, start - base + (line + 1) * unit) - at
                sums[line] += part * rows[i][2] / unit
                at += part
            if rows[i][1] > end:
                break
            i += 1
        base += end - start
    return sums[:LINES]


def matrix(columns):
    return '\n'.join(' '.join('%.2f' % column[line] for column in columns) for line in range(LINES))


def draw(pair, file):
    """The truth of the first row, and what was said in both; nothing if one has failed."""
    panels = []
    try:
        for one in pair:
            aggregations, snapshots, tgid, _ = one.load()
            true = [a.memory[tgid].heat if tgid in a.memory else [] for a in aggregations]
            said = [sorted(r[:3] for r in s.regions) for s in snapshots]
            panels += [('truth', true)] * (not panels) + [(one.label, said)]
    except guests.Failed:
        return
    places = interesting(rows for _, columns in panels[:1] for rows in columns)
    unit = -(-sum(end - start for start, end in places) // LINES)
    if not unit:
        return
    longest = max(len(columns) for _, columns in panels)
    script = SCRIPT % (file, longest, '%s: %s' % (pair[0].title(), pair[0].program.title))
    for title, columns in panels:
        script += PANEL % (matrix([column(rows, places, unit) for rows in columns]), title)
    subprocess.run(['gnuplot'], input=script.encode(), check=False)
