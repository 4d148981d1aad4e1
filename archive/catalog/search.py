"""Full-text search: in the newest texts, and in what was taken out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, tzinfo
from itertools import islice
from typing import Any

from archive.catalog.articles import MOST_VERSIONS, ArticleRow, Db, Version, article_row, newest_version
from archive.catalog.matching import Phrase, asked, phrases_of, terms_of
from archive.catalog.selection import EVERYTHING, Selection, Where
from archive.errors import UsageError
from archive.facts.canonical import parse
from archive.facts.days import day_of
from archive.facts.forms import comparison_form
from archive.facts.record import Record
from archive.texts.wordforms import FoundWord, words_in

MARK = "\x02"
END_MARK = "\x03"
"""They stand in a snippet before and behind each word that was found."""


def searched(record: Record) -> tuple[str, str]:
    """Return (headline, everything below it) of a record, as they are searched and shown, a line for each text."""
    parts = [record["kicker"], record["lead"], *record["body"], *(c["text"] for c in record["captions"])]
    return comparison_form(record["headline"]), "\n".join(comparison_form(part) for part in parts if part)


def search(
    db: Db, words: str, *, removed: bool = False, limit: int = 20, chosen: Selection = EVERYTHING, zone: tzinfo = UTC
) -> list[dict[str, Any]]:
    """Return articles whose newest text holds all the words; with `removed`, sentences that a later version lacks.

    Words are matched in their search form: without accents, ligatures, invisible marks and case; apostrophes part
    words, the spaces inside a number do not. With `removed` all the words stood in the sentences that were changed or
    taken out, and one of them at least is gone from there. The best match comes first. Of the selection days are those
    of publication; `zone` is the outlet's. Raises UsageError for a search without a word, and for a limit that is no
    count.
    """
    phrases = phrases_of(words)
    if not 1 <= limit <= MOST_FOUND:
        raise UsageError(f"a limit of {limit} can't be; give a number from 1 to {MOST_FOUND}")
    terms = terms_of(phrases)
    query = " ".join(terms)
    if removed:
        query = f"{{sentences}} : ({query}) AND {{words}} : ({' OR '.join(terms)})"
    where, values = _chosen(chosen, removed=removed)
    sql = (_REMOVED if removed else _NEWEST).format(where) + ("" if chosen.sections else f" LIMIT {limit}")
    with asked(words):
        rows = db.execute(sql, (query, *values)).fetchall()
    return list(islice(_found(db, rows, phrases, chosen, removed=removed, zone=zone), limit))


def _found(
    db: Db,
    rows: Iterable[tuple[int, int]],
    phrases: Sequence[Phrase],
    chosen: Selection,
    *,
    removed: bool,
    zone: tzinfo,
) -> Iterator[dict[str, Any]]:
    for number, version in rows:
        article, newest = article_row(db, str(number)), newest_version(db, str(number))
        if newest is not None and chosen.in_section(newest.record["sections"]):
            texts = _taken_out(db, number, version) if removed else _texts(newest.record)
            day = day_of(newest.record["published"], zone)
            yield _told(article, newest) | {"day": day, "snippet": snippet(texts, phrases), "version": version}


def _chosen(chosen: Selection, *, removed: bool) -> Where:
    where, values = chosen.articles("a.article_id")
    for at, sign in ((chosen.since.at, ">="), (chosen.until.at, "<=")):
        if at:
            where += f" AND a.published {sign} ?"
            values.append(at)
    if chosen.silent:
        where += " AND EXISTS (SELECT 1 FROM changes n WHERE n.article_id = a.article_id AND n.silent"
        where += f" AND n.number = t.rowid % {MOST_VERSIONS})" if removed else ")"
    return where, values


def _told(article: ArticleRow, newest: Version) -> dict[str, Any]:
    return {
        "article_id": article.article_id, "headline": article.headline, "published": article.published,
        "state": article.state, "state_source": article.state_source,
        "url": article.url, "sections": newest.record["sections"], "cite": newest.cite, "source": newest.source,
    }  # fmt: skip


def _texts(record: Record) -> list[str]:
    # The headline stands beside the snippet already.
    return list(reversed(searched(record)))


def _taken_out(db: Db, number: int, version: int) -> list[str]:
    row = db.execute("SELECT json FROM changes WHERE article_id = ? AND number = ?", (number, version)).fetchone()
    return ["\n".join(sentences_out(parse(row[0])))] if row else []


def sentences_out(change: Mapping[str, Any]) -> list[str]:
    """Return the sentences of a stored change that the later version lacks, whole or in part."""
    return [*change["removed"], *(pair["from"] for pair in change["reworded"])]


def snippet(texts: Iterable[str], phrases: Sequence[Phrase]) -> str:
    """Return the piece of the texts that holds the most of the phrases, each marked; empty where there is no text."""
    best, most = "", -1
    for text in texts:
        words = list(words_in(text))
        hits = list(_hits(words, phrases))
        for place, (start, _, _) in enumerate(hits or [(0, 0, ())]):
            near = hits[place : place + _SHOWN]
            inside = {phrase for _, last, phrase in near if last < start + _SHOWN - _BEFORE}
            if len(inside) > most:
                best, most = _cut(text, words, hits, start), len(inside)
    return best


def _hits(words: Sequence[FoundWord], phrases: Sequence[Phrase]) -> Iterator[tuple[int, int, Phrase]]:
    """Yield (first word, last word, phrase) of each place where a phrase stands, none over another."""
    forms = [word.form for word in words]
    begun: dict[str, list[Phrase]] = {}
    for phrase in sorted(set(phrases), key=len, reverse=True):
        begun.setdefault(phrase[0], []).append(phrase)
    place = 0
    while place < len(forms):
        found = next((p for p in begun.get(forms[place], ()) if tuple(forms[place : place + len(p)]) == p), None)
        if found is not None:
            yield place, place + len(found) - 1, found
        place += len(found) if found else 1


def _cut(text: str, words: Sequence[FoundWord], hits: Iterable[tuple[int, int, Phrase]], start: int) -> str:
    if not words:
        return text
    # Some words before the first one found say what it is about, or the beginning of its sentence.
    near = range(start, max(0, start - _BEFORE) - 1, -1)
    first = next((place for place in near if _begins(text, words, place)), near[-1])
    last = min(len(words), first + _SHOWN) - 1
    begin, end = (words[first].begin if first else 0), (words[last + 1].begin if last + 1 < len(words) else len(text))
    parts, at = ["…" if first else ""], begin
    for one, other, _ in hits:
        if first <= one and other <= last:
            parts += [text[at : words[one].begin], MARK, text[words[one].begin : words[other].end], END_MARK]
            at = words[other].end
    return "".join([*parts, text[at:end].rstrip(), "…" if last + 1 < len(words) else ""])


def _begins(text: str, words: Sequence[FoundWord], place: int) -> bool:
    return place == 0 or any(c in ".!?…\n" for c in text[words[place - 1].end : words[place].begin])


def marked(snippet: str, begin: str, end: str) -> str:
    """Return a snippet with other marks around the words that were found."""
    return snippet.replace(MARK, begin).replace(END_MARK, end)


MOST_FOUND = 1_000_000
_SHOWN, _BEFORE = 16, 5
_NEWEST = (
    "SELECT a.article_id, a.versions FROM texts "
    "JOIN articles a ON a.article_id = texts.rowid WHERE texts MATCH ?{} ORDER BY rank, a.article_id"
)
_REMOVED = (
    f"SELECT a.article_id, t.rowid % {MOST_VERSIONS} "
    f"FROM taken_out t JOIN articles a ON a.article_id = t.rowid / {MOST_VERSIONS} "
    "WHERE taken_out MATCH ?{} ORDER BY rank, t.rowid"
)
