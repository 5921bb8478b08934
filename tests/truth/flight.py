#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""flight.py FILE: a film, as a camera sees it that moves over a landscape of random hills."""
import sys

import numpy

WIDTH, HEIGHT, FRAMES = 1280, 720, 60
SIZE = 2048             # of the landscape, which ends where it begins


def landscape():
    """Heights whose spectrum falls as that of real ones does."""
    line = numpy.fft.fftfreq(SIZE)
    distance = numpy.hypot(line[:, None], line[None, :])
    distance[0, 0] = 1
    phases = numpy.exp(2j * numpy.pi * numpy.random.rand(SIZE, SIZE))
    heights = numpy.fft.ifft2(phases / distance ** 1.6).real
    heights -= heights.min()
    return heights / heights.max() * 219 + 16


def frame(land, number):
    rows = (numpy.arange(HEIGHT) * (1 + number / 500) + 3.3 * number).astype(int) % SIZE
    columns = (numpy.arange(WIDTH) * (1 + number / 500) + 5.7 * number).astype(int) % SIZE
    seen = land[rows[:, None], columns[None, :]]
    return numpy.clip(seen + numpy.random.normal(0, 2, seen.shape), 16, 235).astype(numpy.uint8)


def main():
    numpy.random.seed(1)
    land = landscape()
    grey = bytes([128]) * (WIDTH * HEIGHT // 2)
    with open(sys.argv[1], 'wb') as out:
        out.write(b'YUV4MPEG2 W%d H%d F25:1 Ip A1:1 C420jpeg\n' % (WIDTH, HEIGHT))
        for number in range(FRAMES):
            out.write(b'FRAME\n' + frame(land, number).tobytes() + grey)


if __name__ == '__main__':
    main()
