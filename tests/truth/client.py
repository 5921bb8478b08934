#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""client.py KEYS TIMES: fills memcached with so many values of a kilobyte, says so, and gets them,
64 at once, so many times, or without end if that is -1.

It prefers few of them, as clients of a cache do: the fifth power of an even number. Which ones
these are has nothing to do with the order in which they came.
"""
import random
import socket
import sys

AT_ONCE = 64
PRIME = 7919
VALUE = b'v' * 1000


def pick(keys):
    return int(random.random() ** 5 * keys) * PRIME % keys


def main():
    keys = int(sys.argv[1])
    random.seed(1)
    server = socket.create_connection(('127.0.0.1', 11211))
    for i in range(keys):
        server.sendall(b'set key%d 0 0 %d noreply\r\n%s\r\n' % (i, len(VALUE), VALUE))
    print('filled', flush=True)
    left = int(sys.argv[2])
    while left:
        left -= 1
        wanted = b' '.join(b'key%d' % pick(keys) for _ in range(AT_ONCE))
        server.sendall(b'get %s\r\n' % wanted)
        answer = b''
        while not answer.endswith(b'END\r\n'):
            answer = server.recv(1 << 18)


if __name__ == '__main__':
    main()
