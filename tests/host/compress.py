#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""compress.py INPUT OUTPUT: turn a perf.data into one as written by perf record -z.

All records but those of perf record itself are compressed as one stream. It is cut anywhere into
compressed records, whose size may not be a multiple of eight.
"""
import ctypes
import struct
import sys

HEADER_DATA = 40                # offset of: offset and size of the data
HEADER_FEATURES = 72            # offset of: the bitmap of features
FEATURE_COMPRESSED = 27
RECORD_USER = 64                # first type of perf record's own records
RECORD_COMPRESSED = 81
MAX_PAYLOAD = 65535 - 8
# Not whole records, like what wraps around in a ring buffer.
PART = 50003
ZSTD_FLUSH = 1


class Buffer(ctypes.Structure):
    _fields_ = [('data', ctypes.c_void_p), ('size', ctypes.c_size_t), ('pos', ctypes.c_size_t)]


class Stream:
    """Turns bytes into compressed records."""

    def __init__(self):
        self.zstd = ctypes.CDLL('libzstd.so.1')
        self.zstd.ZSTD_createCStream.restype = ctypes.c_void_p
        self.zstd.ZSTD_compressStream2.argtypes = [
            ctypes.c_void_p, ctypes.POINTER(Buffer), ctypes.POINTER(Buffer), ctypes.c_int]
        self.zstd.ZSTD_compressStream2.restype = ctypes.c_size_t
        self.zstd.ZSTD_isError.argtypes = [ctypes.c_size_t]
        self.stream = self.zstd.ZSTD_createCStream()
        self.room = ctypes.create_string_buffer(MAX_PAYLOAD)

    def records(self, data):
        whole = ctypes.create_string_buffer(data, len(data))
        source = Buffer(ctypes.addressof(whole), len(data), 0)
        left = 1
        while left:
            target = Buffer(ctypes.addressof(self.room), MAX_PAYLOAD, 0)
            left = self.zstd.ZSTD_compressStream2(self.stream, ctypes.byref(target),
                                                  ctypes.byref(source), ZSTD_FLUSH)
            if self.zstd.ZSTD_isError(left):
                sys.exit('cannot compress')
            yield struct.pack('<IHH', RECORD_COMPRESSED, 0, 8 + target.pos) + \
                self.room.raw[:target.pos]


def compress(data):
    """Compress the data of a file."""
    stream = Stream()
    out = bytearray()
    begin = pos = 0
    while pos <= len(data):
        kind, _, size = struct.unpack_from('<IHH', data, pos) if pos < len(data) else (RECORD_USER, 0, 1)
        if kind >= RECORD_USER:
            for part in range(begin, pos, PART):
                for record in stream.records(data[part:min(part + PART, pos)]):
                    out += record
            out += data[pos:pos + size]
            begin = pos + size
        pos += size
    return bytes(out)


def main():
    with open(sys.argv[1], 'rb') as file:
        whole = file.read()
    start, size = struct.unpack_from('<QQ', whole, HEADER_DATA)
    head, data = bytearray(whole[:start]), compress(whole[start:start + size])
    struct.pack_into('<Q', head, HEADER_DATA + 8, len(data))
    features = {}
    for bit in range(256):
        if head[HEADER_FEATURES + bit // 8] >> bit % 8 & 1:
            where, length = struct.unpack_from('<QQ', whole, start + size + 16 * len(features))
            features[bit] = whole[where:where + length]
    # version, type, level, ratio, size of a ring buffer
    features[FEATURE_COMPRESSED] = struct.pack('<5I', 1, 1, 1, 10, 1 << 20)
    head[HEADER_FEATURES + FEATURE_COMPRESSED // 8] |= 1 << FEATURE_COMPRESSED % 8
    table, bodies = b'', b''
    behind = start + len(data) + 16 * len(features)
    for bit in sorted(features):
        table += struct.pack('<QQ', behind + len(bodies), len(features[bit]))
        bodies += features[bit]
    with open(sys.argv[2], 'wb') as file:
        file.write(bytes(head) + data + table + bodies)


if __name__ == '__main__':
    main()
