"""The pages in a real browser: every kind, narrow and wide, dark, without script, by keyboard; payloads run nowhere."""

from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from tests.browsing import BROWSER, needs_browser, serving, stored_project
from tests.payloads import NUMBERS, PAYLOADS, hostile_story

pytestmark = needs_browser
PAGES = (
    "/?since=2026-11-01", "/list/changed?since=2026-11-01", "/sections", "/sections/une", "/search", "/search?q=bac",
    "/search?q=oeuvre&removed=1", "/a/101", "/a/102", "/a/109", "/a/101/diff/1..2", "/a/101/diff/1..2?view=inline&all=1",
    "/a/101/page", "/coverage", "/figures?since=2026-11-01", "/about", "/url", "/a/999", "/search?q=-x",
    "/sections/une/ranks?since=2026-11-01&a=101", "/status", "/cite",
    "/cite/101@2026-11-24T12:00:00.000000Z-00000000,102@2026-11-24T12:01:00.000000Z-0000000a",
)  # fmt: skip
READERS = {
    "wide": {"viewport": {"width": 1280, "height": 900}, "locale": "fr-FR"},
    "dark": {"viewport": {"width": 360, "height": 800}, "color_scheme": "dark", "locale": "en-GB"},
    "zoomed": {"viewport": {"width": 320, "height": 256}, "locale": "fr-FR"},
}


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    with serving(stored_project(tmp_path_factory.mktemp("pages")), "--no-open") as (_, port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def reading(browser, origin, **about):
    """Give a reader's page, and what it noted: messages of the console, requests that left this machine's two origins."""
    noted = []
    context = browser.new_context(**about)
    # Where much else runs, too.
    context.set_default_timeout(120_000)
    page = context.new_page()
    page.on("console", lambda message: noted.append(message.text))
    page.on("pageerror", lambda error: noted.append(str(error)))
    page.on("dialog", lambda dialog: noted.append(dialog.message))
    page.on("request", lambda request: request.url.startswith("http://127.0.0.1:") or noted.append(request.url))
    yield page, noted
    context.close()


def said(noted):
    """Return what was noted, less the browser's line for a page that is 404 or 400 by intention."""
    return [text for text in noted if "Failed to load resource: the server responded with a status of 4" not in text]


@pytest.mark.row("F-WEB-16")
@pytest.mark.parametrize("reader", READERS)
def test_every_page_is_fit_to_read(browser, origin, reader):
    """No serious finding of axe, nothing wider than the window, no message of the console, no request elsewhere."""
    with reading(browser, origin, **READERS[reader]) as (page, noted):
        for path in PAGES:
            page.goto(origin + path)
            if reader != "zoomed":
                found = Axe().run(page).response["violations"]
                assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            assert page.evaluate("document.documentElement.lang") == READERS[reader]["locale"][:2]
        assert said(noted) == []


@pytest.mark.row("F-WEB-16")
def test_without_script_everything_is_reached(browser, origin):
    """From a search to an article, to its older version, to a comparison, and back in the other language."""
    with reading(browser, origin, java_script_enabled=False, locale="en-GB") as (page, noted):
        page.goto(origin)
        page.fill("#find", "bac de")
        page.press("#find", "Enter")
        page.click("a.headline >> nth=0")
        page.goto(f"{origin}/a/101")
        page.click(".versions a >> text=1")
        assert "version 1 of 2" in page.inner_text(".reading")
        page.select_option("#from", "1")
        page.select_option("#to", "2")
        page.click(".pair button")
        page.locator("del").first.wait_for()
        page.click("footer >> text=Français")
        assert page.inner_text("h1") == "Versions 1 et 2 comparées"
        assert said(noted) == []


@pytest.mark.row("F-WEB-16")
def test_the_keyboard_alone_is_enough(browser, origin):
    """Tab finds the way past the menu first, then each control in turn, and what has the focus is seen to have it."""
    with reading(browser, origin, locale="en-GB") as (page, _):
        page.goto(f"{origin}/search")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "q"
        page.keyboard.type("karimabad")
        page.keyboard.press("Enter")
        page.wait_for_selector("a.headline")
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.className") == "headline":
                break
        shown = page.evaluate(
            "getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).outlineWidth"
        )
        page.keyboard.press("Enter")
        page.wait_for_selector("article.text")
        assert shown == "solid2px"


def test_a_printed_page_is_its_text(browser, origin):
    """On paper there are no menus and no forms, and black on white."""
    with reading(browser, origin, color_scheme="dark") as (page, _):
        page.goto(f"{origin}/a/101")
        page.emulate_media(media="print")

        assert [
            page.locator(each).first.is_visible()
            for each in ("header nav", ".find", ".pair", "article.text", ".citation")
        ] == [False, False, False, True, True]
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.row("F-WEB-14")
def test_the_stored_page_shows_in_its_frame(browser, origin):
    """The frame has the stored text, and no page elsewhere may frame ours."""
    with reading(browser, origin) as (page, noted):
        page.goto(f"{origin}/a/101/page")
        assert "2 200 passagers" in page.frame_locator("iframe").locator("body").inner_text()
        assert said(noted) == []
        page.set_content(f'<iframe src="{origin}/about"></iframe>')
        assert (
            any("frame-ancestors" in text for text in noted)
            or "About" not in page.frame_locator("iframe").locator("body").inner_text()
        )


@pytest.mark.row("F-WEB-01")
def test_no_payload_runs(browser, tmp_path):
    """Lists, search, each article and the stored page of each: no script, no request, no message."""
    project = stored_project(tmp_path, lambda log: hostile_story(log, PAYLOADS))
    with serving(project, "--no-open") as (_, port), reading(browser, "") as (page, noted):
        origin = f"http://127.0.0.1:{port}"
        paths = [
            "/?since=2026-11-01",
            "/list/new?since=2026-11-01",
            "/list/gone?since=2026-11-01",
            "/search?q=window",
            "/sections/une",
            "/sections/une/ranks?since=2026-11-01",
            f"/a/{NUMBERS[0]}/diff/1..2?noise=1&spaces=1",
            "/coverage",
        ]
        paths += [f"/a/{number}{more}" for number in NUMBERS for more in ("", "/page")]
        for path in paths:
            page.goto(origin + path)
            assert page.evaluate("window.__x") is None, path
            assert said(noted) == [], path
