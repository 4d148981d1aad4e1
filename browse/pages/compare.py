"""Any two texts of an article compared, versions or what a mirror showed, at an address that stays."""

from dataclasses import dataclass

from starlette.responses import Response

from archive.catalog import articles
from archive.catalog.articles import Version
from archive.catalog.history import change_between
from archive.catalog.mirrors import mirror_text
from archive.catalog.naming import moment_of, named_pair, named_version
from archive.exporters.citing import key_of
from archive.facts.record import Record
from archive.texts.changes import TEXTS, Change, to_json
from archive.texts.changes import compare as held_against
from browse.asking import Ask, Unfit, as_json, redirect
from browse.shown import changes
from browse.shown.comparing import beside, compared, raw_pairs, unplain

ON = "1"
MIRROR = "mirror@"
"""Before the instant of a mirror's text, in an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two texts."""

    name: str
    record: Record
    captured_at: str
    source: str | None
    place: str
    """What names it in the address: by its instant, which stays when ordinals shift."""
    version: Version | None = None
    """None for a mirror's."""


def _of_version(ask: Ask, version: Version) -> Side:
    return Side(
        name=ask.tongue.say("Version %(number)s", number=version.number), record=version.record,
        captured_at=version.captured_at, source=version.source, place=version.at, version=version,
    )  # fmt: skip


def _side(ask: Ask, number: str, place: str) -> Side:
    if not place.startswith(MIRROR):
        return _of_version(ask, named_version(ask.db, f"{number}@{place}", ask.tongue.zone))
    found = mirror_text(ask.db, number, moment_of(place.removeprefix(MIRROR), ask.tongue.zone))
    return Side(
        name=ask.tongue.say("Text on %(host)s", host=found.host), record=found.record, captured_at=found.captured_at,
        source=found.source, place=MIRROR + found.captured_at,
    )  # fmt: skip


def address(number: str, old: str, new: str) -> str:
    """Return the permanent address of a comparison of what is named so."""
    return f"/a/{number}/diff/{old}..{new}"


def chosen(ask: Ask) -> Response:
    """Lead from the form's choice to the address of that comparison."""
    number = ask.place("number")
    old, new = named_pair(ask.db, number, ask.word("from") or None, ask.word("to") or None, zone=ask.tongue.zone)
    places = (version.at for version in (old, new))
    return redirect(ask.link(address(number, *places)))


def _pair(ask: Ask) -> tuple[Side, Side]:
    number = articles.article_row(ask.db, ask.place("number")).article_id
    old, new = (_side(ask, number, ask.place(which)) for which in ("old", "new"))
    if old.version and new.version and old.captured_at > new.captured_at:
        raise Unfit(ask.tongue.say("The older version comes first: name the other one before this."))
    return old, new


def _change(ask: Ask, old: Side, new: Side) -> Change:
    vocabulary = ask.site.reader.catalog.vocabulary
    if old.version and new.version:
        return change_between(ask.db, old.version, new.version, vocabulary)
    return held_against(old.record, new.record, vocabulary)


def compare(ask: Ask) -> Response:
    """Show two texts held against each other."""
    old, new = _pair(ask)
    vocabulary, tongue = ask.site.reader.catalog.vocabulary, ask.tongue
    change = _change(ask, old, new)
    whole, side = ask.word("all") == ON, ask.word("view") != "inline"
    # Where all of it is noise, it is what the reader came for.
    noise = ask.word("noise") == ON or bool(change.noise)
    fields = compared(tongue, (old.record, new.record), change, vocabulary, whole=whole, noise=noise)
    number = ask.place("number")
    return ask.render(
        "compare.html",
        number=number,
        old=old,
        new=new,
        change=change,
        timely=bool(old.version and new.version),
        summary=changes.summary(tongue, to_json(change, vocabulary.language)) if change.fields else "",
        noise=changes.noise(tongue, change.noise),
        noises=noise and not change.noise,
        clocks=[changes.clock_names(tongue)[name] for name in change.clocks],
        fields=fields,
        raw=[(*pair, unplain(tongue, *pair)) for pair in raw_pairs(old.record, new.record, TEXTS, vocabulary.language)],
        beside=beside(tongue, old.record, new.record),
        spaces=ask.word("spaces") == ON,
        whole=whole,
        side=side,
        address=address(number, old.place, new.place),
        cites=[key_of(each.version) for each in (old, new) if each.version],
    )


def compare_json(ask: Ask) -> Response:
    """Answer what differs between two texts as JSON."""
    old, new = _pair(ask)
    change = to_json(_change(ask, old, new), ask.site.reader.catalog.vocabulary.language)
    if not (old.version and new.version):
        # A mirror's text stands in no order of time to the article's own.
        change.pop("silent")
    about = {
        "schema": "presstv.diff/1", "article_id": ask.place("number"), "from": old.captured_at, "to": new.captured_at,
        "url": new.record["url"], "url_before": old.record["url"],
    }  # fmt: skip
    return as_json({**about, "source": new.source, "source_before": old.source, **change})
