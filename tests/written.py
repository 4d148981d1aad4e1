"""Pages written as files: where their links lead, a host that runs nothing, and what their search finds in a browser."""

import contextlib
import functools
import html
import http.server
import posixpath
import re
import threading
from urllib.parse import unquote

from playwright.sync_api import sync_playwright

from tests.browsing import BROWSER


def files(folder):
    """Return name → bytes of every file."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def links(name, page):
    """Return where the links, forms and files of a page lead to, from where it lies."""
    found = re.findall(r'\b(?:href|src|action)="([^"#]+)[^"]*"', page)
    ours = (html.unescape(url) for url in found if not re.match("https?:", html.unescape(url)))
    return {posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(url))) for url in ours}


def broken(folder):
    """Return (page, link) of every link of a site that leads to no file of it."""
    there = files(folder)
    return [
        (name, link)
        for name, data in there.items()
        if name.endswith(".html")
        for link in links(name, data.decode())
        if link not in there
    ]


@contextlib.contextmanager
def hosting(folder):
    """Give the origin under which a web host serves a folder."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    handler.func.log_message = lambda *_: None
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def found_by_browser(folder, queries, word):
    """Return what a site's search finds for each query, as file names; and what a page says of a search from a disk.

    An article that is found must have the word, and the console stay silent until the site is read from the disk.
    """
    with hosting(folder) as origin, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        page = browser.new_page(locale="fr-FR")
        page.set_default_timeout(120_000)
        noted, found = [], []
        page.on("console", lambda message: noted.append(message.text))
        for asked in queries:
            page.goto(f"{origin}/index.html")
            page.fill("#find", asked)
            page.press("#find", "Enter")
            page.wait_for_selector("#found a")
            hits = [link.get_attribute("href") for link in page.query_selector_all("#found a")]
            found.append(sorted(hit.removeprefix(f"{origin}/") for hit in hits))
        page.click("#found a >> nth=0")
        assert word in page.inner_text("article.text")
        assert noted == []
        page.goto((folder / "index.html").as_uri())
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(252, 251, 248)"
        page.fill("#find", word)
        page.press("#find", "Enter")
        told = page.inner_text("#told")
        browser.close()
    return found, told
