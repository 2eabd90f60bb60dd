"""Reads TensorBoard event files without TensorBoard and prints one JSON object for each event.

    read_events.py FILE...

Written from the formats' public descriptions, independently of the writer that it checks: the framing of
tensorflow/core/lib/io/record_writer.h (every checksum is verified), protocol buffers' wire format, and the field
numbers of event.proto and summary.proto. CRC-32C is computed bit by bit.
"""

import json
import struct
import sys


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    at = 0
    while at < len(data):
        head = data[at : at + 8]
        (length,) = struct.unpack("<Q", head)
        content = data[at + 12 : at + 12 + length]
        assert struct.unpack("<I", data[at + 8 : at + 12])[0] == masked(head), "checksum of the length"
        assert len(content) == length, "a record is cut off"
        tail = data[at + 12 + length : at + 16 + length]
        assert struct.unpack("<I", tail)[0] == masked(content), "checksum of the content"
        yield content
        at += 16 + length


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 1:
            value, at = struct.unpack("<d", data[at : at + 8])[0], at + 8
        elif kind == 5:
            value, at = struct.unpack("<f", data[at : at + 4])[0], at + 4
        else:
            assert kind == 2, kind
            length, at = varint(data, at)
            value, at = data[at : at + length], at + length
        yield number, value


def summary_value(data):
    value = {}
    for number, content in fields(data):
        if number == 1:
            value["tag"] = content.decode()
        elif number == 2:
            value["value"] = content
        elif number == 4:
            image = dict(fields(content))
            value["image"] = {"height": image[1], "width": image[2], "colorspace": image[3], "png": image[4].hex()}
    return value


def event(data):
    names = {1: "wall_time", 2: "step", 3: "file_version", 5: "summary", 7: "session_log"}
    result = {}
    for number, value in fields(data):
        if number == 3:
            value = value.decode()
        elif number == 5:
            value = [summary_value(content) for field, content in fields(value) if field == 1]
        elif number == 7:
            value = dict(fields(value))
        result[names[number]] = value
    return result


for path in sys.argv[1:]:
    with open(path, "rb") as file:
        for record in records(file.read()):
            print(json.dumps(event(record)))
