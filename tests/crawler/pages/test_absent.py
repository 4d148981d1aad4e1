"""Answers that say by their status that nothing is there, and pages that deny it."""

from dataclasses import replace

import pytest

from crawler.pages.outcome import outcome_of
from tests.crawler.pages.test_notices import MENU, modern, notice
from tests.french import EDITION
from tests.made import look

SENTENCE = "Le bac de Karimabad ne passe plus la rivière depuis la crue, dit le maire du bourg. " * 4
INJECTED = "<script src=/cdn-cgi/challenge-platform/scripts/jsd/main.js></script>"
WALL = "<title>Just a moment...</title><body>Enable JavaScript and cookies to continue</body>"


def outcome(markup, status, headers=()):
    """Return what an answer comes to."""
    seen = look("7", body=markup.encode(), outcome="http_error", headers=headers)
    assert seen.capture is not None
    answered = replace(seen, status=status, capture=replace(seen.capture, status=status))
    return outcome_of(answered, EDITION).outcome


PAGES = {
    "a bare answer": ("", "gone"),
    "a notice": (notice("La page demandée est introuvable."), "gone"),
    "a notice under a script of the guard's": (notice("La page demandée est introuvable.") + INJECTED, "gone"),
    "a server's own page under such a script": (f"<title>404 Not Found</title><body><h1>404 Not Found</h1>{INJECTED}", "gone"),
    "words of its own under such a script": (f"<title>TV</title><body>{MENU}<h1>Oups</h1>{INJECTED}", "gone"),
    "a notice in the article's layout": (modern("Oups", text=SENTENCE, date=""), "gone"),
    "the outlet's other articles": (f"<body>{MENU}<a href=/Detail/2026/11/23/6/bac>Le bac passe</a></body>", "gone"),
    "a wall": (WALL, "challenge"),
    "the article": (modern("Le bac ne passe plus", text=SENTENCE), "http_error"),
}  # fmt: skip


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize(("markup", "told"), PAGES.values(), ids=PAGES)
def test_a_status_is_believed_but_for_a_wall_or_the_article_under_it(markup, told, status):
    """Who is kept out, or is shown the article all the same, was not told that it is gone."""
    assert outcome(markup, status) == told


def test_a_guards_header_is_a_wall_under_any_status():
    """The header says that no page of the outlet's was shown."""
    assert outcome("<p>x</p>", 404, (("cf-mitigated", "challenge"),)) == "challenge"
