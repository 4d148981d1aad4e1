"""The state of the demo outlet: its articles, its clocks, and what its editors do to them. No HTTP here."""

import json
import random
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Tehran")
WRITTEN = Path(__file__).with_name("articles.jsonl")
SECTIONS = {
    "Infos": 31001,
    "A La Une": 31002,
    "Amériques": 31017,
    "Asie": 31014,
    "Europe": 31016,
    "Afrique": 31015,
    "L’INFO EN CONTINU": 33013,
}
WAYS_OF_REMOVAL = ("404", "410", "soft", "home")
FIRST_ID = 1_000_000
"""The number of the first article that is made up of others."""
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀÉÎ])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article as it stands now; times are aware UTC."""

    id: str
    published: datetime
    slug: str
    headline: str
    kicker: str = ""
    byline: str = ""
    """Lines parted by a line feed: name, then place."""
    lead: str = ""
    body: tuple[str, ...] = ()
    """Paragraphs; one that starts with `## ` is a sub-head."""
    captions: tuple[str, ...] = ()
    sections: tuple[str, ...] = ("Infos", "L’INFO EN CONTINU")
    """Names in the menu, in the order of the article's own line of sections."""
    tags: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    """Ids of other articles."""
    video: bool = False
    modified: datetime | None = None
    """What the page prints as its last update: only open edits move it."""
    touched: datetime | None = None
    """What Last-Modified says; None means as published."""
    gone: str = ""
    """Empty while the article is up, else one of `WAYS_OF_REMOVAL`."""

    @property
    def path(self) -> str:
        """The address on the outlet, percent-encoded; the day is the one of the outlet's own zone."""
        day = self.published.astimezone(ZONE)
        return f"/Detail/{day:%Y/%m/%d}/{self.id}/{quote(self.slug)}"


def article_of(fields: dict[str, Any]) -> Article:
    """Make an article from JSON fields; `published` is wall-clock time in Tehran unless it states an offset.

    Raises TypeError for an unknown field, KeyError without `published`, ValueError for a section the menu lacks.
    """
    published = datetime.fromisoformat(fields["published"])
    aware = published if published.tzinfo else published.replace(tzinfo=ZONE)
    lists = {name: tuple(value) for name, value in fields.items() if isinstance(value, list)}
    article = Article(**{**fields, **lists, "published": aware.astimezone(UTC)})
    if unknown := set(article.sections) - set(SECTIONS):
        raise ValueError(f"article {article.id} stands in sections that the menu lacks: {sorted(unknown)}")
    return article


def written() -> tuple[Article, ...]:
    """Return the articles that were written by hand, oldest first."""
    lines = WRITTEN.read_text(encoding="utf-8").splitlines()
    return tuple(article_of(json.loads(line)) for line in lines)


def generated(number: int, donors: Iterable[Article] | None = None, *, first: int = 0) -> Iterator[Article]:
    """Yield articles recombined sentence by sentence from the donors; the same ones for the same arguments.

    Their ids start at FIRST_ID, `first` past it; they are dated six hours apart from 2019 on, so both layouts occur.
    They link to nothing.
    """
    sources = tuple(donors or written())
    plain = [p for a in sources for p in a.body if not p.startswith("## ")]
    # What does not end like a sentence is boilerplate, and must not be spread over thousands of articles.
    sentences = [s for p in plain for s in _SENTENCE_END.split(p) if s.endswith((".", "!", "?", "»"))]
    start = datetime(2019, 1, 1, 6, tzinfo=UTC)
    for n in range(first, first + number):
        chance = random.Random(n)
        model = chance.choice(sources)
        yield replace(
            model,
            id=str(FIRST_ID + n),
            published=start + timedelta(hours=6 * (n % 10_000), minutes=n // 10_000),
            slug=f"{model.slug[:40]}-{n}",
            headline=f"{model.headline} ({n})",
            body=tuple(" ".join(chance.sample(sentences, chance.randint(1, 4))) for _ in range(chance.randint(3, 9))),
            related=(),
            video=False,
        )


class Outlet:
    """Everything the outlet has published; each method takes the lock, so the server's threads may call it."""

    def __init__(self, articles: Iterable[Article], *, clock: Callable[[], datetime]) -> None:
        """Take the articles and a clock that gives aware UTC; `revision` rises with every change."""
        self.clock = clock
        self.lock = threading.RLock()
        self.revision = 0
        self.articles = {article.id: article for article in articles}
        self._listings: dict[str, tuple[Article, ...]] = {}

    def listing(self, section: str) -> tuple[Article, ...]:
        """Return the articles of a section that are up, newest first."""
        with self.lock:
            if section not in self._listings:
                chosen = [a for a in self.articles.values() if section in a.sections and not a.gone]
                chosen.sort(key=lambda a: (a.published, int(a.id)), reverse=True)
                self._listings[section] = tuple(chosen)
            return self._listings[section]

    def latest(self, number: int) -> tuple[Article, ...]:
        """Return the newest articles of all that are up."""
        return self.listing("L’INFO EN CONTINU")[:number]

    def edit(self, article_id: str, /, *, open: bool, **fields: Any) -> Article:  # noqa: A002 - reads well where called
        """Change fields of an article. An open edit moves its visible date and Last-Modified, a silent one neither.

        Raises KeyError for an unknown id, TypeError for an unknown field.
        """
        now = self.clock()
        clocks: dict[str, Any] = {"modified": now, "touched": now} if open else {}
        return self._put(replace(self.articles[article_id], **_as_tuples(fields), **clocks))

    def reword(self, article_id: str, old: str, new: str, *, open: bool) -> Article:  # noqa: A002 - as in edit
        """Put `new` for `old` in an article's headline, lead and body. Raises ValueError where `old` is not found."""
        article = self.articles[article_id]
        body = tuple(p.replace(old, new) for p in article.body)
        headline, lead = article.headline.replace(old, new), article.lead.replace(old, new)
        if (headline, lead, body) == (article.headline, article.lead, article.body):
            raise ValueError(f"article {article_id} does not say {old!r}")
        return self.edit(article_id, open=open, headline=headline, lead=lead, body=tuple(p for p in body if p))

    def remove(self, article_id: str, /, how: str = "404") -> Article:
        """Take an article down: `404`, `410`, `soft` (200 without an article) or `home` (redirect to the front page).

        It leaves every listing and the feed. Raises KeyError for an unknown id, ValueError for another way.
        """
        if how not in WAYS_OF_REMOVAL:
            raise ValueError(f"no way of removal {how!r}: choose from {', '.join(WAYS_OF_REMOVAL)}")
        return self._put(replace(self.articles[article_id], gone=how))

    def restore(self, article_id: str, /) -> Article:
        """Put a removed article up again, as it was. Raises KeyError for an unknown id."""
        return self._put(replace(self.articles[article_id], gone=""))

    def publish(self, article: Article) -> Article:
        """Add a new article. Raises ValueError when its id is taken."""
        if article.id in self.articles:
            raise ValueError(f"article {article.id} is published already; edit it instead")
        return self._put(article)

    def _put(self, article: Article) -> Article:
        with self.lock:
            self.articles[article.id] = article
            self._listings.clear()
            self.revision += 1
        return article


def _as_tuples(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
