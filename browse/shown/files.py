"""Names of the files that pages are written to, where no server answers: one for each address that needs none.

Names have small letters, digits, `-` and `.` alone, as any disk and any bucket takes them.
"""

import re
from collections.abc import Mapping

_TIME = r"[0-9](?:[0-9t:.-]*[0-9z])?(?:/[1-9][0-9]*)?"
_SIDE = rf"(?:mirror@)?{_TIME}"
_PAGED = re.compile(r"/(list/[a-z]+|sections/[0-9a-z-]+)")
_ONCE = re.compile(r"/(sections|figures|coverage|about|search)")
_RANKS = re.compile(r"/sections/([0-9a-z-]+)/ranks(\.json|\.csv)?")
_TABLE = re.compile(r"/(sections|figures|coverage|about|list/[a-z]+|sections/[0-9a-z-]+|figures/[a-z-]+)(\.[a-z]+)")
_VERSION = re.compile(rf"/a/([1-9][0-9]*)(?:@({_TIME}))?(\.json|\.bib|\.ris|\.csl|\.txt)?")
_PAIR = re.compile(rf"/a/([1-9][0-9]*)/diff/({_SIDE})\.\.({_SIDE})(\.json)?")
_STATIC = re.compile(r"/(static/[a-z]+\.[a-z]+)")
_ODD = re.compile(r"[@/]")
_WAYS = ("view", "all", "noise", "spaces")
_WORD = re.compile(r"[a-z0-9]{1,8}")
FEED = ".atom"


def file_of(path: str, words: Mapping[str, str]) -> str | None:
    """Return the file of an address, its query less the language; None for what only a server answers."""
    path, asked = path.lower(), {name: value for name, value in words.items() if value}
    if match := _STATIC.fullmatch(path):
        return match[1]
    if path == "/" and not asked.keys() - {"since"}:
        return "index.html"
    return _of_list(path, asked) or _of_article(path, asked)


def number_of(path: str) -> int | None:
    """Return the number of the article that an address is of, None where it is of none."""
    match = re.match(r"/a/([1-9][0-9]*)", path)
    return int(match[1]) if match else None


def _of_list(path: str, asked: Mapping[str, str]) -> str | None:
    page = asked.get("page", "1")
    if not page.isdecimal() or asked.keys() - {"since", "page"}:
        return None
    part = "" if page == "1" else f"-{page}"
    if match := _ONCE.fullmatch(path):
        return f"{match[1]}.html"
    if match := _PAGED.fullmatch(path):
        return f"{match[1]}{part}.html"
    if match := _RANKS.fullmatch(path):
        return f"ranks/{match[1]}{match[2]}" if match[2] else f"ranks/{match[1]}{part}.html"
    match = _TABLE.fullmatch(path)
    return f"{match[1]}{part if match[2] == '.json' else ''}{match[2]}" if match else None


def _of_article(path: str, asked: Mapping[str, str]) -> str | None:
    if match := _PAIR.fullmatch(path):
        if asked.keys() - set(_WAYS) or not all(map(_WORD.fullmatch, asked.values())):
            return None
        ways = "".join(f"-{asked[way] if way == 'view' else way}" for way in _WAYS if way in asked)
        return f"a/{match[1]}/{_named(match[2])}..{_named(match[3])}{match[4] or f'{ways}.html'}"
    match = None if asked else _VERSION.fullmatch(path)
    if match is None:
        return None
    return f"a/{match[1]}{f'/{_named(match[2])}' if match[2] else ''}{match[3] or '.html'}"


def _named(time: str) -> str:
    return _ODD.sub("-", time.replace(":", ""))
