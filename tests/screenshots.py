"""Write a picture of every kind of page, at two widths, light and dark: `make screenshots`, for those who look at them.

An archive of the demo outlet is made afresh: crawls over two weeks, under libfaketime, with the editors at work between.
"""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import sync_playwright

from demo.outlet import Outlet, written
from demo.server import serve
from demo.story import BAKER, FERRY, FIRE, OUTAGE, make_news
from tests.browsing import BROWSER, serving
from tests.project import Project
from tests.told import Told

PLACE = Path("var/screenshots")
ALL = "scrapy crawl presstv -a outlet={url} -a sections=all -a recheck=all"
PAGES = {
    "front": "/?since=2026-11-01",
    "article": f"/a/{FERRY}",
    "back": f"/a/{BAKER}",
    "removed": f"/a/{OUTAGE}",
    "compare": f"/a/{FERRY}/diff/1..3",
    "inline": f"/a/{FERRY}/diff/1..3?view=inline&all=1",
    "list": "/list/changed?since=2026-11-01",
    "search": "/search?q=le+ferry",
    "removed-words": "/search?q=passerelle&removed=1",
    "sections": "/sections",
    "section": "/sections/une",
    "ranks": f"/sections/une/ranks?since=2026-11-01&until=2026-11-05&a={FERRY}",
    "status": "/status",
    "figures": "/figures?since=2026-11-01",
    "coverage": "/coverage",
    "about": "/about",
    "address": "/url",
    "stored": f"/a/{FERRY}/page",
    "missing": "/a/711959",
}
READ = ("front", "article", "compare")
"""Those that the README shows, as a reader meets them first."""


def happen(folder):
    """Let two weeks pass: edits open and silent, removals, a return."""
    story = Told(folder)
    outlet = Outlet(written(), clock=story.clock)
    days = (
        (2, 11, None),
        (2, 12, lambda: make_news(outlet)),
        (2, 19, None),
        (4, 9, lambda: outlet.restore(BAKER)),
        (5, 9, lambda: outlet.reword(FIRE, "Deux pompiers", "Trois pompiers", open=False)),
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


def main():
    """Write the pictures; return 0."""
    PLACE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        with serving(happen(Path(folder)), "--no-open") as (_, port):
            for width in (1280, 360):
                for scheme in ("light", "dark"):
                    context = browser.new_context(
                        viewport={"width": width, "height": 900}, color_scheme=scheme, locale="fr-FR"
                    )
                    page = context.new_page()
                    for name, path in PAGES.items():
                        page.goto(f"http://127.0.0.1:{port}{path}")
                        page.screenshot(path=PLACE / f"{name}-{width}-{scheme}.png", full_page=True)
                    context.close()
            context = browser.new_context(viewport={"width": 1080, "height": 760}, locale="en-GB")
            page = context.new_page()
            for name in READ:
                page.goto(f"http://127.0.0.1:{port}{PAGES[name]}")
                page.screenshot(path=PLACE / f"read-{name}.png")
            context.close()
        browser.close()
    print(f"{4 * len(PAGES) + len(READ)} pictures in {PLACE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
