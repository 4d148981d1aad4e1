"""Pages as files: the same pages that are served, made one after the other, each link leading to another file.

Whatever a page links to is written, too, but for what only a server answers: such links and forms are taken out. The
same archive gives the same bytes on any day.
"""

import html
import posixpath
import re
from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from starlette.requests import Request

from archive.catalog.articles import Db
from archive.catalog.crawls import listed_name
from archive.catalog.traits import Sections, Traits, summed
from browse.app import STATIC, asked
from browse.asking import Ask, Site, Written
from browse.shown.files import FEED, file_of, number_of
from browse.tongue import Code

POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'"
_SEARCH_POLICY = f"{POLICY}; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
_BEGIN = ("/", "/about", "/coverage", "/figures", "/sections")
_SEARCH = "search.html"
_SERVED = {STATIC / "keys.js", STATIC / "copy.js"}
"""Files that pages have where a server answers, alone."""
_FORM = re.compile(r'<form [^>]*action="(/[^"]*)"[^>]*>.*?</form>', re.DOTALL)
_LINK = re.compile(r'<a ([^>]*?)href="(/[^"]*)"([^>]*)>(.*?)</a>', re.DOTALL)
_HEAD = re.compile(r'<link [^>]*href="(/[^"]*)"[^>]*>\n?')
_PLACE = re.compile(r'(?<=[ "])(href|src|action)="(/[^"]*)"')
_SHARED = re.compile(r"static/|.*\.(?!html$)[a-z]+$")
"""Files that are the same in every language."""

Put = Callable[[str, bytes], None]
"""Takes a file's name, `/` between its folders, and its bytes."""


@dataclass(slots=True)
class Pages:
    """The pages of a site that is written."""

    site: Site
    """One that is `written`."""
    db: Db
    articles: Collection[int]
    """Numbers of those that have a page."""
    languages: tuple[Code, ...]
    """The first lies at the top, another in a folder of its name."""
    _waiting: deque[tuple[Code, str]] = field(default_factory=deque)
    _known: set[str] = field(default_factory=set)

    def write(self, put: Put) -> Iterator[str]:
        """Write every page and what it needs; yield the name of each. Raises ArchiveError for a damaged archive."""
        for each in sorted(set(STATIC.iterdir()) - _SERVED):
            put(name := f"static/{each.name}", each.read_bytes())
            yield name
        for language in self.languages:
            if self._about.searched:
                put(name := self._placed(language, _SEARCH), self._in_place(language, _SEARCH, self._search(language)))
                yield name
            for url in (*_BEGIN, *(f"/a/{number}" for number in sorted(self.articles))):
                self._named(language, url)
                yield from self._written(put)

    def _written(self, put: Put) -> Iterator[str]:
        while self._waiting:
            language, url = self._waiting.popleft()
            path, words = _parted(url)
            words.pop("lang", "")
            name = file_of(path, words)
            assert name is not None
            data = bytes(asked(self.site, self.db, url, self.site.tongue(language)).body)
            put(placed := self._placed(language, name), self._in_place(language, name, data))
            yield placed

    @property
    def _about(self) -> Written:
        assert self.site.written is not None
        return self.site.written

    def _search(self, language: Code) -> bytes:
        scope = {"type": "http", "path": "/search", "query_string": b"", "headers": []}
        ask = Ask(site=self.site, request=Request(scope), db=self.db, tongue=self.site.tongue(language))
        return bytes(ask.render("find.html", policy=_SEARCH_POLICY).body)

    def _named(self, language: Code, url: str) -> str | None:
        """Return the file of an address as a page in a language links to it, written in its turn; None for no file."""
        path, words = _parted(url)
        told = next((code for code in self.languages if code == words.get("lang")), language)
        if words.pop("lang", told) != told or (path.endswith(FEED) and not self._about.base):
            return None
        name, number = file_of(path, words), number_of(path)
        if name is None or (number is not None and number not in self.articles):
            return None
        placed = self._placed(told, name)
        if name == _SEARCH:
            return placed if self._about.searched else None
        if placed not in self._known and not name.startswith("static/"):
            self._known.add(placed)
            self._waiting.append((told, _without_language(url)))
        return placed

    def _placed(self, language: Code, name: str) -> str:
        return name if language == self.languages[0] or _SHARED.match(name) else f"{language}/{name}"

    def _in_place(self, language: Code, name: str, data: bytes) -> bytes:
        """Return a page with each address that of a file, from where the page lies; anything else as it is."""
        if not name.endswith(".html"):
            return data
        here = posixpath.dirname(self._placed(language, name)) or "."

        def place(escaped: str) -> str | None:
            url, sign, part = html.unescape(escaped).partition("#")
            found = self._named(language, url)
            return None if found is None else html.escape(posixpath.relpath(found, here) + sign + part)

        def form(match: re.Match[str]) -> str:
            return match[0] if match[1].startswith("/search") and place(match[1]) is not None else ""

        def link(match: re.Match[str]) -> str:
            if place(match[2]) is not None:
                return match[0]
            return match[4] if number_of(match[2]) and ("headline" in match[1] or "archived" in match[1]) else ""

        text = _LINK.sub(link, _FORM.sub(form, data.decode()))
        text = _HEAD.sub(lambda match: match[0] if place(match[1]) is not None else "", text)
        return _PLACE.sub(lambda match: f'{match[1]}="{place(match[2])}"', text).encode()


def _parted(url: str) -> tuple[str, dict[str, str]]:
    """Return path and words of an address of ours."""
    parts = urlsplit(url)
    return unquote(parts.path), dict(parse_qsl(parts.query))


def _without_language(url: str) -> str:
    return re.sub("[?&]lang=[a-z]*$", "", re.sub("(?<=[?&])lang=[a-z]*&", "", url))


def narrowed(db: Db, chosen: Collection[int]) -> None:
    """Have a connection see nothing of articles but those chosen."""
    db.execute("PRAGMA query_only = 0")
    db.execute("CREATE TEMP TABLE chosen (article_id INTEGER PRIMARY KEY)")
    db.executemany("INSERT INTO temp.chosen VALUES (?)", ((number,) for number in chosen))
    for (name,) in db.execute("SELECT name FROM main.sqlite_schema WHERE type IN ('table', 'view')").fetchall():
        columns = [row[1] for row in db.execute(f'PRAGMA main.table_info("{name}")')]
        if "article_id" in columns:
            among = "article_id IS NULL OR article_id IN (SELECT article_id FROM temp.chosen)"
            db.execute(f'CREATE TEMP VIEW "{name}" AS SELECT * FROM main."{name}" WHERE {among}')
    _summed_anew(db)
    db.execute("PRAGMA query_only = 1")


def _summed_anew(db: Db) -> None:
    """Have a connection see, of the sums that are kept, those over the articles that it sees."""
    sums: dict[str, Any] = {**summed((Traits(*row) for row in db.execute("SELECT * FROM facets")), Sections(db))}
    places = db.execute("SELECT section, count(*) FROM placements GROUP BY section").fetchall()
    kept = db.execute("SELECT name, number FROM counted").fetchall()
    sums["counted"] = {(name,): number for name, number in kept} | {(listed_name(s),): n for s, n in places}
    for table, counts in sums.items():
        db.execute(f'CREATE TEMP TABLE "{table}" AS SELECT * FROM main."{table}" WHERE 0')
        rows = [(*key, number) for key, number in counts.items()]
        if rows:
            db.executemany(f'INSERT INTO temp."{table}" VALUES ({", ".join("?" * len(rows[0]))})', rows)
