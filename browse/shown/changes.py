"""A stored change in a few words: which kinds of words changed, how many sentences came and went."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from browse.shown.comparing import field_names, kind_names
from browse.tongue import Tongue


def summary(tongue: Tongue, change: Mapping[str, Any]) -> str:
    """Return what a change did, in words: `number, headline; 1 sentence removed`."""
    called = {**kind_names(tongue), **_noises(tongue)}
    kinds = Counter(str(each["type"]) for pair in change["reworded"] for each in _once(pair["types"]))
    parts = [called.get(kind, kind).lower() for kind in kinds]
    counts = change["counts"]
    if added := counts["sentences_added"]:
        parts.append(tongue.count("%(num)s sentence added", "%(num)s sentences added", added))
    if removed := counts["sentences_removed"]:
        parts.append(tongue.count("%(num)s sentence removed", "%(num)s sentences removed", removed))
    if not kinds and (reworded := counts["sentences_reworded"]):
        parts.append(tongue.count("%(num)s sentence reworded", "%(num)s sentences reworded", reworded))
    if change["moved"]:
        parts.append(tongue.say("sentences moved"))
    if change["noise"]:
        parts.append(called.get(change["noise"], change["noise"]))
    if not parts:
        parts = [field_names(tongue)[name].lower() for name in change["fields"]]
    return tongue.listed(parts)


def counted(tongue: Tongue, change: Mapping[str, Any]) -> str:
    """Return how many words a change added and took out: `+12 -3 words`; empty where it is none of words."""
    added, removed = (change["counts"][name] for name in ("words_added", "words_removed"))
    if not added and not removed:
        return ""
    return tongue.say("+%(added)s -%(removed)s words", added=tongue.number(added), removed=tongue.number(removed))


def fields(tongue: Tongue, change: Mapping[str, Any]) -> str:
    """Return which parts of an article a change touched, and by how many words: `headline and text, +4 -21 words`."""
    names = tongue.listed([field_names(tongue)[name].lower() for name in change["fields"]])
    return ", ".join(part for part in (names, counted(tongue, change)) if part)


def _once(types: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({each["type"]: each for each in types}.values())


def _noises(tongue: Tongue) -> dict[str, str]:
    return {
        "space": tongue.say("spaces alone"),
        "typography": tongue.say("typography alone"),
        "encoding": tongue.say("damaged letters alone"),
        "template": tongue.say("lines of the template alone"),
        "related": tongue.say("links to other articles alone"),
        "date": tongue.say("the date alone"),
        "flip_flop": tongue.say("an earlier text again"),
        "counter": tongue.say("a counter alone"),
        "relative": tongue.say("a distance in time alone"),
        "replacement": tongue.say("lost letters alone"),
        "rotating": tongue.say("a box that takes turns alone"),
    }


def noise(tongue: Tongue, name: str) -> str:
    """Return what a kind of noise is called, empty for none."""
    return _noises(tongue).get(name, name)


def clock_names(tongue: Tongue) -> dict[str, str]:
    """Return what each of the outlet's clocks is called."""
    return {
        "visible": tongue.say("printed on the page"),
        "meta": tongue.say("in the page’s metadata"),
        "feed": tongue.say("in the outlet’s feed"),
        "last_modified": tongue.say("in the answer’s header (Last-Modified)"),
    }


def state_names(tongue: Tongue) -> dict[str, str]:
    """Return what each state of an article is called."""
    return {
        "live": tongue.say("there at the last look"),
        "gone": tongue.say("not found at the last look"),
        "removed": tongue.say("removed"),
        "unread": tongue.say("listed, never read"),
    }
