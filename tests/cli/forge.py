#!/usr/bin/env python3
"""forge.py BUNDLE PATH STATE OLD NEW: the bundle with OLD made NEW in the record of PATH that has this state, and every digest
and link behind it made anew: what somebody can do who knows the form, for a chain has no key. NEW may be "", and OLD "*",
which takes out the record."""
import hashlib
import json
import sys


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def link(*fields):
    return sha("".join(f"{len(str(field).encode())}:{field}," for field in fields))


def main(bundle, path, state, old, new):
    with open(bundle, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file][:-1]
    records = [line for line in lines if line["bundle"] == "record"]
    (chosen,) = [line for line in records if (line["path"], line["state"]) == (path, state)]
    if old == "*":
        lines.remove(chosen)
    else:
        assert old in chosen["json"]
        chosen["json"] = chosen["json"].replace(old, new)
        chosen["sha256"] = sha(chosen["json"])
    prev, count, seq = lines[0]["link"], 0, 0
    for line in lines:
        if line["bundle"] == "record":
            count += 1
            seq += line["seq"] > 0
            line["n"], line["seq"] = count, seq if line["seq"] else 0
            prev = link(prev, line["path"], line["kind"], line["state"], line["seq"], line["atMs"], line["sha256"])
            line["link"] = prev
        elif line["bundle"] == "end":
            line["records"] = count
            line["link"] = link(prev, "end", line["status"], line["atMs"], line["outputSha256"])
    text = "".join(json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n" for line in lines)
    print(text + json.dumps({"bundle": "digest", "sha256": sha(text)}, separators=(",", ":")))


main(*sys.argv[1:])
