#!/usr/bin/env python3
"""Check a proof made by `scrapy prove`, offline, with nothing but Python's standard library.

usage: check_proof.py PROOF.json [--head sha256:…]

Give the head that was published; without it the proof is only consistent in itself. Exit 0: it holds. Exit 1: it does
not, and the line says why.
"""

import argparse
import base64
import gzip
import hashlib
import json
import re
import sys
import unicodedata

INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
SPACES = re.compile(r"[\s\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")


def need(true, why):
    """End with exit 1 and the reason where something does not hold."""
    if not true:
        sys.exit(f"NOT PROVED: {why}")


def digest(data):
    """Return the digest as the archive writes it."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def canonical(value):
    """Return RFC 8785 bytes; a proof holds no floats and ASCII keys only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def comparison_form(text):
    """Return the form that digests of text are over: NFC, white space folded, invisible marks out."""
    folded = SPACES.sub(" ", INVISIBLE.sub("", unicodedata.normalize("NFC", text))).strip()
    return unicodedata.normalize("NFC", folded)


def chain(texts, head):
    """Check that each commit holds the digest of the one before and the last is the head; return their segments."""
    before, segments = None, {}
    for text in texts:
        data = text.encode()
        commit = json.loads(data)
        need(canonical(commit) == data, "a commit is not in canonical form")
        if before is not None:
            need((commit["previous"], commit["seq"]) == (digest(before[0]), before[1] + 1), "the chain is broken")
        before = (data, commit["seq"])
        segments.update({s["key"]: s for s in commit["segments"]})
    need(before and (digest(before[0]), before[1]) == (head["digest"], head["seq"]), "the last commit is not the head")
    return segments


def segment(part, segments, kind):
    """Return a segment's bytes, checked against the commit that names it."""
    data, named = base64.b64decode(part["data"], validate=True), segments.get(part["key"])
    need(named and named["kind"] == kind, f"no commit names {part['key']}")
    need((digest(data), len(data)) == (named["sha256"], named["bytes"]), f"{part['key']} was changed")
    return data


def check_record(record):
    """Recompute the digests that the record carries."""
    form = comparison_form
    text = "".join(form(part) + "\n" for part in [record["lead"], *record["body"]])
    identity = {
        "headline": form(record["headline"]), "kicker": form(record["kicker"]), "lead": form(record["lead"]),
        "body": [form(part) for part in record["body"]], "captions": [form(c["text"]) for c in record["captions"]],
        "published": (record["published"] or {}).get("utc"),
    }  # fmt: skip
    need(record["digests"]["text"] == digest(text.encode()), "the text is not the one of its digest")
    need(record["digests"]["version"] == digest(canonical(identity)), "the version is not the one of its digest")


def check_capture(record, index, members):
    """Tie the WARC records to the index, and their payload to the record."""
    place = record["capture"]
    lines = [json.loads(line.split(b" ", 2)[2]) for line in gzip.decompress(index).splitlines()]
    line = next((entry for entry in lines if int(entry["offset"]) == place["offset"]), None)
    need(line and line["filename"] == place["segment"], "the index does not name the capture")
    need(line.get("stored") == digest(members), "the WARC records were changed")
    need(line["digest"] == record["digests"]["payload"], "the record was not read from this capture")
    _, _, http = gzip.decompress(members).partition(b"\r\n\r\n")
    size = re.search(rb"Content-Length: (\d+)", gzip.decompress(members))
    payload = http[: int(size[1])].partition(b"\r\n\r\n")[2]
    need(digest(payload) == line["digest"], "the payload is not the one of its digest")


def main():
    """Check one proof and say what it proves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("proof")
    parser.add_argument("--head", help="the digest that was published")
    options = parser.parse_args()
    with open(options.proof, "rb") as file:
        data = file.read()
    try:
        proof = json.loads(data)
        need(canonical(proof) == data, "the file is not in canonical form")
        need(not options.head or options.head == proof["head"]["digest"], "its head is not the one published")
        segments = chain(proof["commits"], proof["head"])
        record = json.loads(
            gzip.decompress(segment(proof["records"], segments, "records")).splitlines()[proof["records"]["line"]]
        )
        need(
            (record["article_id"], record["captured_at"]) == (proof["article_id"], proof["captured_at"]),
            "another record",
        )
        check_record(record)
        check_capture(
            record, segment(proof["index"], segments, "index"), base64.b64decode(proof["warc"], validate=True)
        )
    except (ValueError, KeyError, TypeError, IndexError, OSError, EOFError) as error:
        need(False, f"{type(error).__name__}: {error}")
    print(f"PROVED: {record['article_id']}@{record['captured_at']} {record['headline']!r} of {record['url']}")
    print(f"was in the archive whose head at commit {proof['head']['seq']} is {proof['head']['digest']}")
    if not options.head:
        print("compare this head with one that was published: without it anybody could have made the whole")


if __name__ == "__main__":
    main()
