#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""genome.py FOLDER: a random genome, genome.fa, and reads of it with errors, short.fq, long.fq."""
import pathlib
import random
import sys

BASES = 'ACGT'
GENOME = 24_000_000
ERRORS = 0.01


def read_of(genome, size):
    start = random.randrange(len(genome) - size)
    read = list(genome[start:start + size])
    for _ in range(int(size * ERRORS)):
        read[random.randrange(size)] = random.choice(BASES)
    return ''.join(read)


def write_reads(file, genome, nr, size):
    with open(file, 'w', encoding='ascii') as out:
        for i in range(nr):
            out.write('@read%d\n%s\n+\n%s\n' % (i, read_of(genome, size), 'I' * size))


def main():
    folder = pathlib.Path(sys.argv[1])
    random.seed(1)
    genome = ''.join(random.choices(BASES, k=GENOME))
    (folder / 'genome.fa').write_text('>one\n%s\n' % genome)
    write_reads(folder / 'short.fq', genome, 300_000, 100)
    write_reads(folder / 'long.fq', genome, 6_000, 8_000)


if __name__ == '__main__':
    main()
