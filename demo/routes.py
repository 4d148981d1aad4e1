"""What the demo outlet answers at each address, before HTTP: the rules of its site."""

import gzip
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from demo import classic, modern, page
from demo.outlet import SECTIONS, Article, Outlet

MODERN_SINCE = 2023
HTML = "text/html; charset=utf-8"
RULES = "User-agent: *\nDisallow: /_control/\nDisallow: /Tag/\n"
_ARTICLE = re.compile(r"/Detail(?:Fr)?/\d{4}/\d{1,2}/\d{1,2}/(\d{1,12})(?:/|$)")
_SECTION = re.compile(r"/Section/(\d{1,6})(?:/(\d{1,4}))?/?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an address says; `changed` becomes Last-Modified, `location` a redirect."""

    status: int = 200
    kind: str = HTML
    text: str = ""
    location: str = ""
    changed: datetime | None = None

    def encoded(self) -> tuple[bytes, bytes, str]:
        """Return the body, the same gzipped, and a strong ETag over the body."""
        plain = self.text.encode()
        return plain, gzip.compress(plain, 6, mtime=0), f'"{hashlib.sha256(plain).hexdigest()[:20]}"'


def route(outlet: Outlet, path: str) -> Answer:
    """Return what the outlet says now at a percent-decoded path, slug and padding of an article's address ignored."""
    match path:
        case "/":
            return Answer(text=page.front_page(outlet))
        case "/robots.txt":
            return Answer(kind="text/plain", text=RULES)
        case "/rss.xml":
            return Answer(kind="application/rss+xml; charset=utf-8", text=page.feed(outlet))
        case "/callback/latest":
            return Answer(text=page.side_box(outlet))
    return _numbered(outlet, path)


def _numbered(outlet: Outlet, path: str) -> Answer:
    if match := _SECTION.fullmatch(path):
        return _section(outlet, int(match[1]), int(match[2] or 1))
    if (match := _ARTICLE.match(path)) and match[1] in outlet.articles:
        return _article(outlet, outlet.articles[match[1]])
    return _absent(outlet, 404)


def _section(outlet: Outlet, section_id: int, number: int) -> Answer:
    names = {known: name for name, known in SECTIONS.items()}
    text = page.section_page(outlet, names[section_id], number) if section_id in names else None
    return Answer(text=text) if text else _absent(outlet, 404)


def _article(outlet: Outlet, article: Article) -> Answer:
    if article.gone == "home":
        return Answer(status=302, location="/")
    if article.gone:
        return _absent(outlet, 200 if article.gone == "soft" else int(article.gone))
    layout = modern if article.published.year >= MODERN_SINCE else classic
    return Answer(text=layout.render(outlet, article), changed=article.touched or article.published)


def _absent(outlet: Outlet, status: int) -> Answer:
    words = "Cet article n’est plus en ligne." if status != 404 else "Cette adresse ne mène à aucune page."
    return Answer(status=status, text=page.absent_page(outlet, words=words))
