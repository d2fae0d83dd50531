#!/usr/bin/env python3
"""Reads shards with nothing but Python's standard library: as Hugging Face `datasets` takes a schema from them, and frame by frame.

    python3 read-layouts.py schema SHARD.tar      the fields and JSON types of its first five samples, or why they are refused
    python3 read-layouts.py frames SHARD.tar ...  the sha256 and the time of every frame of every sample

Prints JSON. The lines that take the frames out of a sample are those of docs/formats.md.
"""

import hashlib
import json
import re
import sys
import tarfile
from itertools import islice

MEMBER = re.compile(r"^((?:.*/|)[^.]+)[.]([^/]*)$")


def samples(path):
    key, fields = None, {}
    with tarfile.open(path) as tar:
        for info in tar:
            match = MEMBER.match(info.name)
            if match[1] != key and key is not None:
                yield key, fields
                fields = {}
            key = match[1]
            fields[match[2]] = tar.extractfile(info).read()
    if key is not None:
        yield key, fields


def schema(path):
    """The builder `webdataset` of `datasets`: five samples, one field set, and one table of their JSON's types."""
    first = list(islice(samples(path), 5))
    names = [sorted(fields) for _, fields in first]
    if any(one != names[0] for one in names):
        raise Refused("the samples do not have the same fields")
    merged = None
    for key, fields in first:
        merged = merge(merged, type_of(json.loads(fields["json"])), key)
    return {"samples": len(first), "fields": names[0], "json": merged}


class Refused(Exception):
    pass


def type_of(value):
    if isinstance(value, dict):
        return {name: type_of(field) for name, field in value.items()}
    if isinstance(value, list):
        merged = None
        for one in value:
            merged = merge(merged, type_of(one), "a list")
        return [merged]
    return None if value is None else type(value).__name__


def merge(a, b, where):
    if a is None or b is None:
        return b if a is None else a
    if isinstance(a, dict) and isinstance(b, dict) and list(a) == list(b):
        return {name: merge(a[name], b[name], f"{where}: {name}") for name in a}
    if isinstance(a, list) and isinstance(b, list):
        return [merge(a[0], b[0], where)]
    if a != b:
        raise Refused(f"{where}: {a} and {b}")
    return a


def frames_of(sample):
    meta = json.loads(sample["json"])
    if "frames.bin" in sample:
        data, offsets = sample["frames.bin"], meta["frame_offsets"]
        frames = [data[a:b] for a, b in zip(offsets, offsets[1:])]
    else:
        frames = [sample[name] for name in sorted(sample) if name.endswith("jpg")][: meta["frame_count"]]
    return frames, meta["frame_times"]


def main(command, *paths):
    if command == "schema":
        try:
            return schema(*paths)
        except Refused as why:
            return {"refused": str(why)}
    read = {}
    for path in paths:
        for key, sample in samples(path):
            frames, times = frames_of(sample)
            read[key] = [[hashlib.sha256(frame).hexdigest() for frame in frames], times]
    return read


print(json.dumps(main(*sys.argv[1:])))
