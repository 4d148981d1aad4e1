"""The rules by which version 0.1.0 reads an archive, written down once: plain Python that imports nothing of the program.

What today's program writes must still be read by them to the same states, versions and events, so this file never
changes. Left out are the rules about what differs between two texts (two layouts of one text, a date printed otherwise).
"""

import gzip
import hashlib
import json
import re
import unicodedata
from bisect import bisect_left
from datetime import datetime, timedelta
from itertools import groupby
from urllib.parse import unquote, urlsplit

FORMAT = 1
SEGMENT = {"bytes", "key", "kind", "lines", "sha256"}
"""A segment in a commit has these fields and no others: one more is damage to version 0.1.0."""
INDEXED = ("url", "captured_at", "digest", "status", "filename", "offset", "length", "mime")
SEEN, ABSENT, STRUCK = {"new", "changed", "unchanged"}, {"gone", "soft_404"}, {"changed", "gone", "soft_404"}
LOST, TAKEN = {"dns_error", "conn_error"}, ("seized", "parked")
ALIKE = "a made-up address is answered alike"
"""The `detail` of a `soft_404` that a replay leaves alone."""
APART = timedelta(hours=6)
MARKS = "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"


def sha256(data):
    """Return a digest as the archive writes it."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def canonical(value):
    """Return canonical JSON."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def form(text):
    """Return the comparison form of a text."""
    bare = re.sub(MARKS, "", unicodedata.normalize("NFC", text))
    return unicodedata.normalize("NFC", re.sub(r"\s+", " ", bare).strip())


def instant(text):
    """Return an instant; one without a zone is none."""
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo is not None, text
    return moment


def host(url):
    """Return an address's host, with its port where one is named."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def commits(get):
    """Yield the commits of an archive; `get` returns a key's bytes, None where there is none."""
    described = json.loads(get("archive.json"))
    assert isinstance(described["format"], int)
    assert described["format"] <= FORMAT
    number, previous = 1, None
    while (data := get(f"log/{number:012d}.json")) is not None:
        raw = json.loads(data)
        assert canonical(raw) == data, f"commit {number} is not canonical"
        assert (raw["seq"], raw["previous"]) == (number, previous)
        assert all(set(segment) == SEGMENT for segment in raw["segments"])
        instant(raw["committed_at"])
        yield raw
        number, previous = number + 1, sha256(data)


def lines(get, segment):
    """Return the values of a segment of lines; an index line is its last part."""
    data = get(segment["key"])
    assert (len(data), sha256(data)) == (segment["bytes"], segment["sha256"])
    if segment["kind"] == "warc":
        return []
    texts = gzip.decompress(data).splitlines()
    assert len(texts) == segment["lines"]
    return [json.loads(text.split(b" ", 2)[2] if segment["kind"] == "index" else text) for text in texts]


def checked(record):
    """Return a record whose digests are those of its fields."""
    one = {name: form(record[name]) for name in ("headline", "kicker", "lead")}
    one["body"] = [form(part) for part in record["body"]]
    one["captions"] = [form(caption["text"]) for caption in record["captions"]]
    one["published"] = (record["published"] or {}).get("utc")
    digests, place = record["digests"], record["capture"]
    assert digests["version"] == sha256(canonical(one))
    assert digests["text"] == sha256("".join(f"{part}\n" for part in (one["lead"], *one["body"])).encode())
    assert digests["headline"] == sha256(f"{one['headline']}\n".encode())
    assert {"segment", "offset", "length"} <= set(place)
    return record


class Facts:
    """What an archive holds, by article: looks, readings; which crawls are held; what stood in which listing."""

    def __init__(self, get):
        self.looks, self.readings, self.placements = {}, {}, []
        suspect, accepted = {}, set()
        for commit in commits(get):
            crawl, summary = commit["crawl"], commit["summary"]
            suspect[crawl] = bool(summary.get("suspect"))
            accepted.add(summary.get("accept"))
            for segment in commit["segments"]:
                for number, line in enumerate(lines(get, segment)):
                    self._take(segment["kind"], line, (commit["seq"], number), crawl)
        self.held = {crawl for crawl, is_suspect in suspect.items() if is_suspect} - accepted

    def _take(self, kind, line, place, crawl):
        if kind == "index":
            assert all(name in line for name in INDEXED)
        elif kind == "records":
            number = str(int(line["article_id"]))
            reading = (line["extraction"]["revision"], place, checked(line))
            self.readings.setdefault(number, []).append(reading)
        elif kind == "checks":
            self._look(line, place, crawl)

    def _look(self, line, place, crawl):
        look = {name: line[name] for name in ("at", "url", "kind", "outcome")} | {"place": place, "crawl": crawl}
        look |= {"detail": line.get("detail", ""), "answered": line.get("answered"), "status": line.get("status")}
        if line.get("article_id"):
            self.looks.setdefault(str(int(line["article_id"])), []).append(look)
        for rank, number in enumerate(line.get("listed", ()), 1):
            section = line.get("section") or line["kind"]
            self.placements.append((line["at"], section, line.get("page", 1), rank, number))

    def captures(self, number):
        """Return an article's captures in order: of each a dictionary from revision to (place, record)."""
        found = {}
        for revision, place, record in sorted(
            self.readings.get(number, ()), key=lambda reading: (reading[2]["captured_at"], reading[1])
        ):
            name = record["url"], record["captured_at"], record["digests"]["payload"]
            found.setdefault(name, {})[revision] = (place, record)
        return list(found.values())


def standing(capture):
    """Return the record that stands for a capture."""
    return capture[max(capture)][1]


def same(old, new):
    """Tell whether two captures read the same, by the newest revision that read both."""
    both = old.keys() & new.keys()
    pair = (old[max(both)][1], new[max(both)][1]) if both else (standing(old), standing(new))
    return pair[0]["digests"]["version"] == pair[1]["digests"]["version"]


def runs(facts, number):
    """Return an article's versions, each the captures that show it: no mirror's, none of a crawl that is held."""
    looks = facts.looks.get(number, ())
    mirrored = {look["at"] for look in looks if look["kind"] == "mirror"}
    held = {look["at"] for look in looks if held_by(facts, look) and look["outcome"] == "changed"}
    own, waiting = [], []
    for capture in facts.captures(number):
        at, first = standing(capture)["captured_at"], min(capture.items(), key=lambda each: each[1][0])[0]
        if at not in mirrored:
            (waiting if at in held and max(capture) <= first else own).append(capture)
    found = []
    for capture in own or waiting[:1]:
        if found and same(found[-1][-1], capture):
            found[-1].append(capture)
        else:
            found.append([capture])
    return found


def held_by(facts, look):
    """Tell whether a look is one that a suspect crawl left waiting."""
    return look["crawl"] in facts.held and look["kind"] == "article" and look["outcome"] in STRUCK


def sighted(look):
    """Tell whether a look saw the article."""
    return look["outcome"] in SEEN and not look["waits"]


def stretches(missed, seen):
    """Yield (last sight before, first look, first look six hours later, last look, sight that ended it) of absences."""
    told = sorted(missed, key=lambda look: look["at"])
    for place, group in groupby(told, key=lambda look: bisect_left(seen, look["at"])):
        stretch = list(group)
        since = instant(stretch[0]["at"]) + APART
        proof = next((look for look in stretch if instant(look["at"]) >= since), None)
        before, ended = (seen[place - 1] if place else None), (seen[place] if place < len(seen) else None)
        yield before, stretch[0], proof, stretch[-1], ended


def told(facts, number):
    """Return (state, begins of versions, events) of an article; an event is (name, not before, not after, detail)."""
    versions = [[standing(capture)["captured_at"] for capture in run] for run in runs(facts, number)]
    again = {standing(capture)["captured_at"] for capture in facts.captures(number) if len(capture) > 1}
    counted = again | {run[0] for run in versions}
    looks = sorted(facts.looks.get(number, ()), key=lambda look: (look["at"], look["place"]))
    looks = [look | {"waits": held_by(facts, look) and look["at"] not in counted} for look in looks]
    own = [look for look in looks if look["kind"] == "article"]
    hosts = {host(look["url"]) for look in own if sighted(look)}
    missed = [look for look in own if look["outcome"] in ABSENT and not look["waits"]]
    missed = [look for look in missed if not hosts or host(look["url"]) in hosts]
    seen = {look["at"] for look in own if sighted(look)}
    state = "live" if versions else "unread"
    for before, _, proof, _, ended in stretches(
        missed, sorted(seen | {at for run in versions for at in (run[0], run[-1])})
    ):
        if ended is None:
            state = "removed" if before is not None and proof else "gone"
    begun = [run[0] for run in versions]
    events = [*removals(missed, sorted(seen | set(begun))), *losses(looks), *mirrors(looks), *moves(number, own)]
    return state, begun, sorted(events, key=str)


def removals(missed, seen):
    """Yield what was removed, and what came back."""
    for before, first, proof, last, ended in stretches(missed, seen):
        if before is not None and proof:
            detail = f"answered {first['status']}" + (f", {first['detail']}" if first["detail"] else "")
            yield "soft_removed" if first["outcome"] == "soft_404" else "removed", before, first["at"], detail
            if ended is not None:
                yield "restored", last["at"], ended, "answers again"


def by_host(looks):
    """Return host → its looks, in order."""
    found = {}
    for look in looks:
        found.setdefault(host(look["url"]), []).append(look)
    return found.items()


def losses(looks):
    """Yield the hosts that were lost: no name, no connection, seized or parked, twice and six hours apart."""
    for name, here in by_host(looks):
        seen = [look["at"] for look in here if look["outcome"] in SEEN | ABSENT]
        taken = [look for look in here if look["outcome"] == "challenge" and look["detail"].startswith(TAKEN)]
        for before, first, proof, _, _ in stretches([*taken, *(k for k in here if k["outcome"] in LOST)], seen):
            if before is not None and proof:
                yield "host_lost", before, first["at"], f"{name}: {first['detail'] or first['outcome']}"


def mirrors(looks):
    """Yield which other hosts show the article, from their first sight of it."""
    for name, here in by_host(look for look in looks if look["kind"] == "mirror"):
        first = next((look for look in here if look["outcome"] in SEEN), None)
        if first is not None:
            yield "mirrored", None, first["at"], name


def moves(number, own):
    """Yield how the address changed from one sight to the next."""
    sights = [look for look in own if sighted(look)]
    for before, after in zip(sights, sights[1:], strict=False):
        old, new = (look["answered"] or look["url"] for look in (before, after))
        (place, slug), (new_place, new_slug) = parts(old, number), parts(new, number)
        if place != new_place:
            yield "moved", before["at"], after["at"], f"from {old} to {new}"
        if slug != new_slug:
            yield "slug_changed", before["at"], after["at"], f"from {slug} to {new_slug}"


def parts(url, number):
    """Return ((host, path up to the number), slug) of an address, zeros that pad a day dropped."""
    before, _, slug = unquote(urlsplit(url).path).partition(f"/{number}/")
    path = re.sub(r"/0+(?=\d)", "/", before.casefold()).removesuffix(f"/{number}")
    return (host(url), path), slug.strip("/")
