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
import io
import json
import re
import sys
import unicodedata

INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
MOST = 2**28


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


def parse(data):
    """Read JSON that is in canonical form: nothing can be written in two ways."""
    value = json.loads(data, parse_float=lambda text: need(False, f"a broken number, {text}"))
    need(canonical(value) == data, "something is not in canonical form")
    return value


def packed(text):
    """Return the bytes of base64 text; its last letters could be written in several ways, and may be in one."""
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text, "something is not in canonical base64")
    return data


def unpacked(data):
    """Return gunzipped bytes, less than a bomb's."""
    return gzip.GzipFile(fileobj=io.BytesIO(data)).read(MOST)


def form(text):
    """Return the form that digests of text are over: NFC, white space folded, invisible marks out."""
    return unicodedata.normalize("NFC", " ".join(INVISIBLE.sub("", unicodedata.normalize("NFC", text)).split()))


def chain(texts, head):
    """Check that each commit holds the digest of the one before and the last is the head; return their segments."""
    before, segments = None, {}
    for text in texts:
        commit = parse(text.encode())
        need(before in (None, (commit["previous"], commit["seq"] - 1)), "the chain is broken")
        before = (digest(text.encode()), commit["seq"])
        segments.update({s["key"]: s for s in commit["segments"]})
    need(
        before and canonical(head) == canonical({"digest": before[0], "seq": before[1]}),
        "the last commit is not the head",
    )
    return segments


def segment(part, segments, kind):
    """Return a segment's lines, its bytes checked against the commit that names it."""
    data, named = packed(part["data"]), segments.get(part["key"])
    need(named and named["kind"] == kind, f"no commit names {part['key']}")
    need((digest(data), len(data)) == (named["sha256"], named["bytes"]), f"{part['key']} was changed")
    return unpacked(data).split(b"\n")


def check_record(record):
    """Recompute the digests that the record carries."""
    text = "".join(form(part) + "\n" for part in [record["lead"], *record["body"]])
    identity = {name: form(record[name]) for name in ("headline", "kicker", "lead")}
    identity["body"] = [form(part) for part in record["body"]]
    identity["captions"] = [form(caption["text"]) for caption in record["captions"]]
    identity["published"] = (record["published"] or {}).get("utc")
    need(record["digests"]["text"] == digest(text.encode()), "the text is not the one of its digest")
    need(record["digests"]["version"] == digest(canonical(identity)), "the version is not the one of its digest")


def check_capture(record, lines, members):
    """Tie the WARC records to the index, and their payload to the record."""
    place = record["capture"]
    found = [json.loads(line.split(b" ", 2)[2]) for line in lines if line]
    line = next((line for line in found if line["offset"] == str(place["offset"])), None)
    need(line and line["filename"] == place["segment"], "the index does not name the capture")
    need(line.get("stored") == digest(members), "the WARC records were changed")
    need(line["digest"] == record["digests"]["payload"], "the record was not read from this capture")
    head, _, rest = unpacked(members).partition(b"\r\n\r\n")
    block = rest[: int(re.search(rb"\r\nContent-Length: (\d+)", head)[1])]
    need(digest(block.partition(b"\r\n\r\n")[2]) == line["digest"], "the payload is not the one of its digest")


def check(data, head):
    """Check a proof's bytes; return the proof and its record."""
    proof = parse(data)
    need(proof["schema"] == "presstv.proof/1", "it is no proof of this kind")
    need(head in (None, proof["head"]["digest"]), "its head is not the one published")
    segments = chain(proof["commits"], proof["head"])
    record = json.loads(segment(proof["records"], segments, "records")[proof["records"]["line"]])
    named = [record["article_id"], record["captured_at"]]
    need(named == [proof["article_id"], proof["captured_at"]], "it holds another record")
    check_record(record)
    check_capture(record, segment(proof["index"], segments, "index"), packed(proof["warc"]))
    return proof, record


def main():
    """Check one proof and say what it proves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("proof")
    parser.add_argument("--head", help="the digest that was published")
    options = parser.parse_args()
    try:
        with open(options.proof, "rb") as file:
            proof, record = check(file.read(), options.head)
    except Exception as error:  # noqa: BLE001 - whatever is odd about a proof, it proves nothing
        need(False, f"{type(error).__name__}: {error}")
    print(f"PROVED: {record['article_id']}@{record['captured_at']} {record['headline']!r} of {record['url']}")
    print(f"was in the archive whose head at commit {proof['head']['seq']} is {proof['head']['digest']}")
    if source := record["capture"].get("source"):
        print(f"it was captured by others: {json.dumps(source, ensure_ascii=True, sort_keys=True)}")
    if not options.head:
        print("compare this head with one that was published: without it anybody could have made the whole")


if __name__ == "__main__":
    main()
