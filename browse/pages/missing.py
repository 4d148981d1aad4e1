"""What is not there: 404, with what lies nearest."""

import re

from starlette.responses import Response

from browse.asking import Ask
from browse.queries.lists import near

_NUMBER = re.compile(r"(?<![0-9])[1-9][0-9]{2,11}(?![0-9])")


def missing(ask: Ask, why: str = "") -> Response:
    """Say that there is no such page, and offer the articles whose numbers are nearest to one in the address."""
    number = _NUMBER.search(ask.request.url.path) or _NUMBER.search(ask.word("u"))
    nearest = list(near(ask.db, int(number[0]))) if number else []
    return ask.render("missing.html", 404, why=why, nearest=nearest, number=number[0] if number else "")
