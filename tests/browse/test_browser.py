"""The pages in a real browser: every kind, narrow and wide, dark, without script, by keyboard; payloads run nowhere."""

from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from archive.catalog.selection import Selection
from crawler.cli import pages as written
from tests import facts
from tests.browsing import BROWSER, needs_browser, serving, stored_log, stored_project
from tests.page_kinds import at
from tests.payloads import ENDLESS, NUMBERS, PAYLOADS, hostile_story

pytestmark = needs_browser
PAGES = at(
    since="2026-11-01", until="2026-11-30", article="101", gone="102", unread="109", word="bac", lost="oeuvre",
    keys="101@2026-11-24T12:00:00.000000Z-00000000,102@2026-11-24T12:01:00.000000Z-0000000a",
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
def reading(browser, origin, *, inside="http://127.0.0.1:", **about):
    """Give a reader's page, and what it noted: messages of the console, requests that left this machine's two origins."""
    noted = []
    context = browser.new_context(**about)
    # Where much else runs, too.
    context.set_default_timeout(120_000)
    page = context.new_page()
    page.on("console", lambda message: noted.append(message.text))
    page.on("pageerror", lambda error: noted.append(str(error)))
    page.on("dialog", lambda dialog: noted.append(dialog.message))
    page.on("request", lambda request: request.url.startswith(inside) or noted.append(request.url))
    yield page, noted
    context.close()


def said(noted):
    """Return what was noted, less the browser's line for a page that is 404 or 400 by intention."""
    return [text for text in noted if "Failed to load resource: the server responded with a status of 4" not in text]


TARGETS = {"rules": {"target-size": {"enabled": True}}}
"""What axe looks at only when it is told to: whether what is pressed has 24 by 24 pixels (WCAG 2.2, 2.5.8)."""
A4 = {"width": 718, "height": 1047}
"""Between the margins of a sheet, in CSS pixels."""
OUT_OF_REACH = """() => {
  const stops = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]")];
  return stops.filter(each => each.checkVisibility()).flatMap(each => {
    each.focus();
    const shown = getComputedStyle(each).outlineStyle === "solid" && parseFloat(getComputedStyle(each).outlineWidth) >= 2;
    return each.tabIndex <= 0 && document.activeElement === each && (shown || !each.matches(":focus-visible")) ? [] : [each.outerHTML];
  }).concat([...document.querySelectorAll("main *")].filter(each =>
    each.scrollWidth > each.clientWidth + 1 && each.tabIndex < 0 && /auto|scroll/.test(getComputedStyle(each).overflowX)
  ).map(each => each.outerHTML));
}"""
"""What of a page the keyboard does not reach, reaches out of its order, or is not seen to have reached."""
ON_PAPER = """() => [...document.querySelectorAll("nav, form, button, input, select, .take")].filter(each => each.checkVisibility())
  .map(each => each.outerHTML).concat(document.documentElement.scrollWidth > innerWidth ? ["too wide"] : [])"""
"""What stands on paper and is of no use there."""


@pytest.mark.row("F-WEB-16")
@pytest.mark.parametrize("reader", READERS)
def test_every_page_is_fit_to_read(browser, origin, reader):
    """No finding of axe, nothing wider than the window, no message of the console, no request elsewhere.

    The keyboard reaches whatever can be followed or filled in, and shows it; on paper none of that stands.
    """
    with reading(browser, origin, **READERS[reader]) as (page, noted):
        for path in PAGES:
            page.goto(origin + path)
            page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            if reader == "zoomed":
                page.keyboard.press("Tab")
                assert page.evaluate(OUT_OF_REACH) == [], path
                page.emulate_media(media="print")
                page.set_viewport_size(A4)
                assert page.evaluate(ON_PAPER) == [], path
                page.emulate_media(media="screen")
                page.set_viewport_size(READERS[reader]["viewport"])
            else:
                found = Axe().run(page, options=TARGETS).response["violations"]
                assert [v["id"] for v in found] == [], path
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
        page.click(".versions li > a >> text=1")
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


@pytest.mark.row("F-PAG-11")
def test_keys_lead_through_a_list(browser, origin):
    """`/`, j, k and ? do what the help says, not while something is typed, and not once they are turned off."""
    focused = "document.activeElement.id || document.activeElement.textContent"
    with reading(browser, origin, locale="en-GB") as (page, noted):
        page.goto(f"{origin}/list/new?since=2026-11-01")
        rows, met = page.locator(".rows .headline").all_inner_texts(), []
        for key in "jjkk/":
            page.keyboard.press(key)
            met.append(page.evaluate(focused).strip())
        assert met == [rows[0], rows[1], rows[0], rows[0], "find"]
        page.keyboard.type("j?/")
        assert page.input_value("#find") == "j?/"
        page.locator("h1").click()
        page.keyboard.press("Control+j")
        assert page.evaluate("document.activeElement === document.body")
        page.keyboard.press("?")
        assert [v["id"] for v in Axe().run(page).response["violations"]] == []
        page.uncheck("#keys-on")
        page.keyboard.press("Escape")
        page.goto(f"{origin}/a/101/diff/1..2")
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement === document.body")
        page.click("#keys-help")
        page.check("#keys-on")
        page.click("dialog button")
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.matches('.pairrow.reworded')")
        assert said(noted) == []


@pytest.mark.row("F-PAG-16")
@pytest.mark.parametrize("clipboard", ["allowed", "withheld"])
def test_what_is_cited_is_copied_by_a_button(browser, origin, clipboard):
    """The citation and the permanent address, as they stand there; also where a browser gives no clipboard to pages.

    Without script there is no such button, and a comparison has one, too.
    """
    with reading(browser, origin, locale="en-GB", permissions=["clipboard-read"]) as (page, noted):
        if clipboard == "withheld":
            page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'))")
        for path, stands in (
            ("/a/101", ".permanent"),
            ("/a/101", "blockquote.citation >> nth=0"),
            ("/a/101/diff/1..2", ""),
        ):
            page.goto(origin + path)
            name = "Copy the citation" if "citation" in stands else "Copy the address"
            page.get_by_role("button", name=name).click()
            page.get_by_text("Copied.", exact=True).wait_for()
            held = page.evaluate("navigator.clipboard.readText()")
            assert held == (
                page.inner_text(stands) if stands else page.evaluate("document.querySelector('[rel=canonical]').href")
            )
            assert page.evaluate("document.activeElement.className") == "copy"
        assert said(noted) == []
    with reading(browser, origin, java_script_enabled=False) as (page, _):
        page.goto(f"{origin}/a/101")
        assert page.locator("button.copy:visible").count() == 0
        assert page.inner_text(".permanent").startswith(f"{origin}/cite/101@")


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
    """The frame has the stored text, also of a page that the browser holds; no page elsewhere may frame ours."""
    with reading(browser, origin) as (page, noted):
        page.goto(f"{origin}/a/101/page")
        assert "2 200 passagers" in page.frame_locator("iframe").locator("body").inner_text()
        page.goto(f"{origin}/about")
        page.goto(f"{origin}/a/101/page")
        assert "2 200 passagers" in page.frame_locator("iframe").locator("body").inner_text()
        assert said(noted) == []
        page.set_content(f'<iframe src="{origin}/about"></iframe>')
        assert (
            any("frame-ancestors" in text for text in noted)
            or "About" not in page.frame_locator("iframe").locator("body").inner_text()
        )


HOSTILE = {
    "since": "2026-11-01", "until": "2026-11-30", "article": NUMBERS[0], "gone": NUMBERS[0], "unread": ENDLESS[0],
    "word": "window", "lost": "window", "keys": f"{NUMBERS[0]}@2026-11-24T12:00:00.000000Z-00000000",
}  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Return a project whose archive holds the payloads."""
    return stored_project(tmp_path_factory.mktemp("hostile"), lambda log: hostile_story(log, PAYLOADS))


@pytest.mark.row("F-WEB-01")
def test_no_payload_runs(browser, hostile):
    """Every kind of page, each article, its comparison and the stored page of each: no script, no request, no message.

    Nor does a word without an end, or an address, make any of them wider than a narrow window.
    """
    narrow = reading(browser, "", viewport={"width": 320, "height": 600})
    with serving(hostile, "--no-open") as (_, port), narrow as (page, noted):
        paths = [*at(**HOSTILE), f"/a/{NUMBERS[0]}/diff/1..2?noise=1&spaces=1"]
        paths += [
            f"/a/{number}{more}"
            for number in (*NUMBERS, ENDLESS[0])
            for more in ("", "/page", "/diff/1..2?view=inline&all=1")
        ]
        for path in paths:
            page.goto(f"http://127.0.0.1:{port}{path}")
            assert page.evaluate("window.__x") is None, path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            assert said(noted) == [], path


@pytest.mark.row("F-WEB-01")
def test_no_payload_runs_in_pages_as_files(browser, hostile, tmp_path):
    """Each article and list of a written site, from a disk: nothing runs, nothing outside its folder is asked for."""
    place, archive = tmp_path / "site", facts.folded(stored_log(hostile), tmp_path / "catalog.sqlite")
    written.write(archive, "latest", chosen=Selection(), target=str(place), base="", language="fr", search="none")
    with reading(browser, "", inside=place.as_uri()) as (page, noted):
        for path in sorted({*place.glob("*.html"), *place.glob("*/*.html"), *place.glob(f"a/{NUMBERS[0]}/*.html")}):
            page.goto(path.as_uri())
            assert page.evaluate("window.__x") is None, path
            assert said(noted) == [], path
