#!/usr/bin/env python3
"""Counts a finished dataset again, from its tars and its ledgers alone, with nothing but Python's standard library.

    python3 recount.py OUT/DATASET

Knows nothing of manifests, plans or Shardmill's code. Prints JSON: what each part holds by its ledgers, what the tars
hold, and every disagreement. Exit 1 where there is one.
"""

import json
import os
import re
import sys
import tarfile
from collections import Counter

MEMBER = re.compile(r"^([^./]+)\.([^/]+)$")
KEY = re.compile(r"^(?P<part>.+-p\d{4,})-(?P<position>\d{6,})(?:-(?P<record>\d+))?$")
LEDGER = re.compile(r"^(?P<part>.+-p\d{4,})-(?:(?P<plan>plan)|(?P<range>\d{4,})|r(?P<retry>\d+))\.jsonl$")
FRAME = re.compile(r"^(\d{3})\.jpg$")


def main(folder):
    problems = []
    samples = read_tars(folder, problems)
    parts = read_ledgers(os.path.join(folder, ".shardmill", "ledger"), problems)
    compare(samples, parts, problems)
    tallied = {part: tally(lines) for part, lines in sorted(parts.items())}
    frames = sum(sample["frames"] for sample in samples)
    print(json.dumps({"samples": len(samples), "frames": frames, "parts": tallied, "problems": problems}))
    return 1 if problems else 0


def read_tars(folder, problems):
    samples, seen = [], {}
    for name in sorted(entry for entry in os.listdir(folder) if entry.endswith(".tar")):
        shard = name[: -len(".tar")]
        for key, members in groups(os.path.join(folder, name), name, problems):
            if key in seen:
                problems.append(f"{name}: {key} is in {seen[key]} already")
            seen[key] = name
            samples.append(sample_of(shard, key, members, problems))
    return samples


def groups(path, name, problems):
    """Neighbours that share a key. A key that comes back after another one comes out twice, and so is found out."""
    key, members = None, []
    with tarfile.open(path, mode="r|") as tar:
        for info in tar:
            match = MEMBER.match(info.name)
            if match is None or not info.isreg():
                problems.append(f"{name}: {info.name} belongs to no sample")
                continue
            if match[1] != key:
                if key is not None:
                    yield key, members
                key, members = match[1], []
            members.append((match[2], tar.extractfile(info).read()))
    if key is not None:
        yield key, members


def sample_of(shard, key, members, problems):
    """A sample is whole when it has its JSON and as many pictures, in order and not empty, as the JSON says."""
    fields = [field for field, _ in members]
    where = f"{shard}: {key}"
    if fields != sorted(set(fields)):
        problems.append(f"{where} has its members twice or out of order: {fields}")
    content = dict(members)
    record = json.loads(content.pop("json", b"null")) or {}
    if "frame_count" not in record:
        problems.append(f"{where} has no JSON that says what it holds")
    content = shown(content, record, where, problems)
    numbers = [int(match[1]) for match in map(FRAME.match, sorted(content)) if match is not None]
    frames = 1 if list(content) == ["jpg"] else len(numbers)
    is_whole = list(content) == ["jpg"] or (numbers == list(range(len(content))) and numbers != [])
    if not is_whole or frames != record.get("frame_count"):
        problems.append(f"{where} says {record.get('frame_count')} frames and has {sorted(content)}")
    for field, data in content.items():
        if not (data.startswith(b"\xff\xd8\xff") and data.endswith(b"\xff\xd9")):
            problems.append(f"{where}: {field} is no whole JPEG")
    match = KEY.match(key)
    if match is None:
        problems.append(f"{where} is no key that names a part and a position")
    return {"shard": shard, "key": key, "match": match, "record": record, "frames": frames}


def shown(content, record, where, problems):
    """By its own file name each picture that a sample shows, whether they lie in one file or are filled up to a number."""
    if list(content) == ["frames.bin"]:
        data, offsets = content["frames.bin"], record["frame_offsets"]
        if offsets[0] != 0 or offsets[-1] != len(data):
            problems.append(f"{where}: its offsets do not fit its {len(data)} bytes")
        return {f"{at:03}.jpg": data[a:b] for at, (a, b) in enumerate(zip(offsets, offsets[1:]))}
    names = sorted(content)
    count = len(names) - record.get("frame_padding", 0)
    kept = names[:count]
    if any(content[name] != content[kept[-1]] for name in names[count:]):
        problems.append(f"{where} is filled up with another picture than its last")
    return {name: content[name] for name in kept}


def read_ledgers(folder, problems):
    """Every member's latest line, by part and position: the plan's, then the ranges', then the retries' in their order."""
    found = []
    for name in os.listdir(folder):
        match = LEDGER.match(name)
        if match is None:
            problems.append(f"{name} is no ledger's name")
            continue
        rank = (0, 0) if match["plan"] else (1, int(match["range"])) if match["range"] else (2, int(match["retry"]))
        found.append((match["part"], rank, name))
    parts = {}
    for part, rank, name in sorted(found):
        lines = parts.setdefault(part, {})
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            for text in file:
                line = {**json.loads(text), "shard": name[: -len(".jsonl")]}
                is_known = line["position"] in lines
                if is_known != (rank[0] == 2):
                    told = "has a line already" if is_known else "is tried again without having been tried"
                    problems.append(f"{name}: position {line['position']} {told}")
                lines[line["position"]] = line
    return parts


def compare(samples, parts, problems):
    """What a ledger calls packed is in the tar that goes with it, and a tar holds nothing else."""
    told = {
        (line["shard"], line["position"]): line
        for lines in parts.values()
        for line in lines.values()
        if line["outcome"] == "packed"
    }
    held = {}
    for sample in samples:
        if sample["match"] is not None:
            held.setdefault((sample["shard"], int(sample["match"]["position"])), []).append(sample)
    for shard, position in sorted(told.keys() - held.keys()):
        problems.append(f"{shard}: position {position} is packed by its ledger, and in no tar")
    for shard, position in sorted(held.keys() - told.keys()):
        problems.append(f"{shard}: position {position} is in the tar, and not packed by its ledger")
    for place in told.keys() & held.keys():
        line, own = told[place], held[place]
        if own[0]["key"] != line["key"]:
            problems.append(f"{place[0]}: position {place[1]} is {own[0]['key']}, by its ledger {line['key']}")
        for sample in own:
            is_same = sample["record"].get("member") == line["member"] and sample["frames"] == line["frames"]
            if not is_same:
                problems.append(f"{place[0]}: {sample['key']} and its ledger tell different things")


def tally(lines):
    outcomes = Counter(line["outcome"] for line in lines.values())
    codes = Counter(line["code"] for line in lines.values() if line["code"] is not None)
    return {
        "members": len(lines),
        **{outcome: outcomes[outcome] for outcome in ("packed", "failed", "skipped")},
        "byCode": dict(sorted(codes.items())),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
