"""Write a picture of every kind of page, at two widths, light and dark: `make screenshots`, for those who look at them.

An archive of the demo outlet is made afresh: crawls over two weeks, under libfaketime, with the editors at work between.
"""

import json
import re
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

from demo.outlet import Outlet, written
from demo.server import serve
from demo.story import BAKER, FERRY, FIRE, OUTAGE, make_news
from tests.browsing import BROWSER, serving
from tests.page_kinds import at
from tests.project import Project
from tests.told import Told

PLACE = Path("var/screenshots")
ALL = "scrapy crawl presstv -a outlet={url} -a sections=all -a recheck=all"
PLACES = {
    "since": "2026-11-01", "until": "2026-11-05", "article": FERRY, "gone": OUTAGE, "unread": BAKER, "word": "le+ferry",
    "lost": "passerelle",
}  # fmt: skip
READ = {
    "front": ("/?since=2026-11-01", 760), "article": (f"/a/{FERRY}", 980), "compare": (f"/a/{FERRY}/diff/1..2", 980),
}  # fmt: skip
"""Those that the README shows, as a reader meets them first, and as far down as pixels say."""


def happen(folder):
    """Let two weeks pass: edits open and silent, removals, a return."""
    story = Told(folder)
    outlet = Outlet(written(), clock=story.clock)
    days = (
        (2, 11, None),
        (2, 12, lambda: make_news(outlet)),
        (2, 19, None),
        (4, 9, lambda: outlet.restore(BAKER)),
        (5, 8, lambda: outlet.reword(FIRE, "Deux pompiers", "Trois pompiers", open=False)),
        (12, 9, lambda: (outlet.remove(OUTAGE), outlet.reword(FERRY, "1 400 passagers", "1 450 passagers", open=True))),
        (12, 16, None),
        (14, 9, None),
    )
    with serve(outlet=outlet) as server:
        for day, hour, news in days:
            story.clock.now = datetime(2026, 11, day, hour, 26, 1, tzinfo=UTC)
            if news:
                news()
            story.ask(ALL.format(url=server.url))
    project = Project(folder, "")
    project.archive = folder / "var" / "archive"
    return project


def pages(origin):
    """Return name → address of every kind of page, of the newest citations too."""
    cited = (json.load(urlopen(f"{origin}/a/{number}.csl"))[0]["id"] for number in (FERRY, OUTAGE))
    return {_name(path): path for path in at(**PLACES, keys=",".join(cited))}


def _name(path):
    """Return what a picture of an address is called."""
    parts = urlsplit(path)
    asked = [value for name, value in parse_qsl(parts.query) if name not in ("since", "until")]
    told = "-".join([parts.path.partition("@")[0], *asked])
    return re.sub("[^a-z0-9]+", "-", told.lower()).strip("-") or "front"


def main():
    """Write the pictures; return 0."""
    PLACE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        with serving(happen(Path(folder)), "--no-open") as (_, port):
            origin = f"http://127.0.0.1:{port}"
            kinds = pages(origin)
            for width in (1280, 360):
                for scheme in ("light", "dark"):
                    context = browser.new_context(
                        viewport={"width": width, "height": 900}, color_scheme=scheme, locale="fr-FR"
                    )
                    page = context.new_page()
                    for name, path in kinds.items():
                        page.goto(origin + path)
                        page.screenshot(path=PLACE / f"{name}-{width}-{scheme}.png", full_page=True)
                    context.close()
            context = browser.new_context(locale="en-GB")
            page = context.new_page()
            for name, (path, height) in READ.items():
                page.set_viewport_size({"width": 1080, "height": height})
                page.goto(origin + path)
                page.screenshot(path=PLACE / f"read-{name}.png")
            context.close()
        browser.close()
    print(f"{4 * len(kinds) + len(READ)} pictures in {PLACE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
