"""Any two versions of an article compared, at an address that stays."""

from starlette.responses import Response

from archive.catalog.articles import Version
from archive.catalog.history import change_between
from archive.catalog.naming import named_pair
from archive.texts.changes import to_json
from browse.asking import Ask, Unfit, as_json, redirect
from browse.shown import changes
from browse.shown.comparing import compared, raw_pairs

ON = "1"


def address(old: Version, new: Version) -> str:
    """Return the permanent address of a comparison: by instants, which stay when ordinals shift."""
    at = [version.cite.partition("@")[2] for version in (old, new)]
    return f"/a/{old.article_id}/diff/{at[0]}..{at[1]}"


def chosen(ask: Ask) -> Response:
    """Lead from the form's choice to the address of that comparison."""
    number = ask.place("number")
    old, new = named_pair(ask.db, number, ask.word("from") or None, ask.word("to") or None, zone=ask.tongue.zone)
    return redirect(ask.link(address(old, new)))


def _pair(ask: Ask) -> tuple[Version, Version]:
    old, new = named_pair(ask.db, ask.place("number"), ask.place("old"), ask.place("new"), zone=ask.tongue.zone)
    if old.captured_at > new.captured_at:
        raise Unfit(ask.tongue.say("The older version comes first: name the other one before this."))
    return old, new


def compare(ask: Ask) -> Response:
    """Show two versions held against each other."""
    old, new = _pair(ask)
    vocabulary = ask.site.reader.catalog.vocabulary
    change = change_between(ask.db, old, new, vocabulary)
    whole, side = ask.word("all") == ON, ask.word("view") != "inline"
    language = vocabulary.language
    return ask.render(
        "compare.html",
        old=old,
        new=new,
        change=change,
        summary=changes.summary(ask.tongue, to_json(change, language)) if change.fields else "",
        noise=changes.noise(ask.tongue, change.noise),
        clocks=[changes.clock_names(ask.tongue)[name] for name in change.clocks],
        fields=compared(ask.tongue, old.record, new.record, change, language, whole=whole),
        raw=raw_pairs(old.record, new.record, ("headline", "kicker", "lead", "body", "captions")),
        spaces=ask.word("spaces") == ON,
        whole=whole,
        side=side,
        address=address(old, new),
    )


def compare_json(ask: Ask) -> Response:
    """Answer what differs between two versions as JSON."""
    old, new = _pair(ask)
    vocabulary = ask.site.reader.catalog.vocabulary
    change = to_json(change_between(ask.db, old, new, vocabulary), vocabulary.language)
    about = {"schema": "presstv.diff/1", "article_id": old.article_id, "from": old.captured_at, "to": new.captured_at}
    return as_json({**about, "source": new.source, "source_before": old.source, **change})
