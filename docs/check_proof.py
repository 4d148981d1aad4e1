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
from urllib.parse import quote

INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
UNSAFE = re.compile('[\x00-\x20\x7f"<>]|[^\x00-\x7f]')
MOST = 2**28
COMMIT = "seq previous committed_at crawl writer segments summary"
RECORD = (
    "schema article_id url mirror byline captured_at headline kicker lead body captions images sections tags related "
    "language source_line published modified clocks capture extraction digests"
)


def plain(text):
    """Return text with whatever a terminal would obey or hide written out."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(text))


def need(true, why):
    """End with exit 1 and the reason where something does not hold."""
    if not true:
        sys.exit(f"NOT PROVED: {plain(why)}")


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


def fields(part, *names):
    """Return those values of a part of the proof, which has no others: what nobody checks could say anything."""
    need(isinstance(part, dict) and part.keys() == set(names), f"a part has other fields than {', '.join(names)}")
    return [part[name] for name in names]


def number(value):
    """Return a number that counts something: no truth value, nothing negative."""
    need(type(value) is int and value >= 0, f"{value!r} counts nothing")
    return value


def unknown(part, names):
    """Return how many fields a part has besides these; a later version may have added them, and they prove nothing."""
    return len(part.keys() - set(names.split()))


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
    """Check that each commit holds the digest of the one before and the last is the head.

    Return their segments, those of the first one by themselves, and how many fields they have that are not known here.
    """
    before, segments, first, more = None, {}, None, 0
    for text in texts:
        commit = parse(text.encode())
        need(before in (None, (commit["previous"], number(commit["seq"]) - 1)), "the chain is broken")
        before = (digest(text.encode()), commit["seq"])
        named = {s["key"]: s for s in commit["segments"]}
        need(not named.keys() & segments.keys(), "two commits name one segment")
        first = named if first is None else first
        segments.update(named)
        more += unknown(commit, COMMIT)
    need(
        before and canonical(head) == canonical({"digest": before[0], "seq": before[1]}),
        "the last commit is not the head",
    )
    return segments, first, more


def segment(key, text, segments, kind):
    """Return a segment's lines, its bytes checked against the commit that names it."""
    data, named = packed(text), segments.get(key)
    need(named and named["kind"] == kind, f"no commit names {key}")
    need((digest(data), len(data)) == (named["sha256"], number(named["bytes"])), f"{key} was changed")
    return unpacked(data).split(b"\n")


def check_record(record):
    """Recompute the digests that the record carries."""
    text = "".join(form(part) + "\n" for part in [record["lead"], *record["body"]])
    identity = {name: form(record[name]) for name in ("headline", "kicker", "lead")}
    identity["body"] = [form(part) for part in record["body"]]
    identity["captions"] = [form(caption["text"]) for caption in record["captions"]]
    identity["published"] = (record["published"] or {}).get("utc")
    need(record["digests"]["text"] == digest(text.encode()), "the text is not the one of its digest")
    headline = digest((identity["headline"] + "\n").encode())
    need(record["digests"]["headline"] == headline, "the headline is not the one of its digest")
    need(record["digests"]["version"] == digest(canonical(identity)), "the version is not the one of its digest")


def address(url):
    """Return an address as the index and the WARC records have it: controls, blanks and other letters as %XX."""
    return UNSAFE.sub(lambda found: quote(found[0], safe=""), url)


def check_capture(record, lines, members):
    """Tie the WARC records to the index, and what the record says of its capture to both."""
    place, at = record["capture"], record["captured_at"]
    found = [json.loads(line.split(b" ", 2)[2]) for line in lines if line]
    line = next((line for line in found if line["offset"] == str(number(place["offset"]))), None)
    need(line and line["filename"] == place["segment"], "the index does not name the capture")
    need(line["length"] == str(number(place["length"])) == str(len(members)), "the capture ends elsewhere")
    need(line.get("stored") == digest(members), "the WARC records were changed")
    told = [address(record["url"]), at, str(number(place["http"]["status"])), record["digests"]["payload"]]
    need(told == [line[name] for name in ("url", "captured_at", "status", "digest")], "it is another capture's record")
    need(record["digests"]["payload"] == f"sha256:{place['payload_sha256']}", "the record names two payloads")
    where = record["url"].partition("//")[2].partition("/")[2]
    need(re.search(rf"(?<![0-9]){int(record['article_id'])}(?![0-9])", where), "the address is another article's")
    head, _, rest = unpacked(members).partition(b"\r\n\r\n")
    stated = dict(part.partition(": ")[::2] for part in head.decode().split("\r\n")[1:])
    need([stated["WARC-Target-URI"], stated["WARC-Date"]] == told[:2], "the WARC records are of another capture")
    need(stated["WARC-Type"] == "response", "the WARC records hold no page")
    block = rest[: int(stated["Content-Length"])]
    need(digest(block.partition(b"\r\n\r\n")[2]) == line["digest"], "the payload is not the one of its digest")


def check(data, head):
    """Check a proof's bytes; return the proof, its record, whose its capture is, and how many fields were passed over."""
    proof = parse(data)
    names = ("schema", "article_id", "captured_at", "head", "commits", "records", "index", "warc")
    schema, article_id, captured_at, end, commits, records, index, warc = fields(proof, *names)
    need(schema == "presstv.proof/1", "it is no proof of this kind")
    seq, last = fields(end, "seq", "digest")
    need(number(seq) and head in (None, last), "its head is not the one published")
    segments, first, more = chain(commits, end)
    key, line, text = fields(records, "key", "line", "data")
    record = parse(segment(key, text, segments, "records")[number(line)])
    need([record["article_id"], record["captured_at"]] == [article_id, captured_at], "it holds another record")
    check_record(record)
    # Whose capture it is, the crawl of the commit says that brought it: no other one may stand in its place.
    brought = first.get(record["capture"]["segment"])
    need(brought and brought["kind"] == "warc", "the first commit is not the one that brought the capture")
    check_capture(record, segment(*fields(index, "key", "data"), first, "index"), packed(warc))
    return proof, record, whose(record, json.loads(commits[0])["crawl"]), more + unknown(record, RECORD)


def whose(record, crawl):
    """Say who captured the page: others where the record says who, or where a backfill brought it."""
    source = record["capture"].get("source")
    if source is None and not crawl.startswith("backfill-"):
        return f"it was captured by the archive's own crawl {crawl}"
    return f"it was captured by others: {json.dumps(source, ensure_ascii=True, sort_keys=True)}, taken in by {crawl}"


def main():
    """Check one proof and say what it proves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("proof")
    parser.add_argument("--head", help="the digest that was published")
    options = parser.parse_args()
    head = options.head and "sha256:" + options.head.strip().lower().removeprefix("sha256:")
    try:
        with open(options.proof, "rb") as file:
            proof, record, captured, more = check(file.read(), head)
    except Exception as error:  # noqa: BLE001 - whatever is odd about a proof, it proves nothing
        need(False, f"{type(error).__name__}: {error}")
    cite = f"{record['article_id']}@{record['captured_at']}"
    print(plain(f"PROVED: {cite} {record['headline']!r} of {record['url']}"))
    print(plain(f"was in the archive whose head at commit {proof['head']['seq']} is {proof['head']['digest']}"))
    print(plain(captured))
    if more:
        print(f"{more} fields of a later version were passed over: nothing is said of them")
    if not options.head:
        print("compare this head with one that was published: without it anybody could have made the whole")


if __name__ == "__main__":
    main()
