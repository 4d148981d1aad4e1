"""What both layouts print around an article: menu, line of sections, side box, footer, dates; and the lists, the feed.

Only what docs/outlet.md states of the real outlet's markup is reproduced; the rest is ours.
"""

from collections.abc import Iterable
from datetime import datetime
from html import escape

from demo.outlet import SECTIONS, ZONE, Article, Outlet

PER_PAGE = 12
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# The real template prints this caption under most articles, whatever they are about; the cleaner must know it.
STOCK_CAPTION = "US Rep. Ilhan Omar (D-MN) (L) talks with Speaker of the House Nancy Pelosi (D-CA). (AFP photo)"
SHARE = "Partager Cet Article"
SOURCE = "SOURCE: FRENCH PRESS TV"


def printed(moment: datetime) -> str:
    """Return `Sun Aug 20, 2017 4:46PM`: local time of the outlet, English names whatever the locale."""
    local = moment.astimezone(ZONE)
    day, month = DAYS[local.weekday()], MONTHS[local.month - 1]
    half = "AM" if local.hour < 12 else "PM"
    return f"{day} {month} {local.day:02}, {local.year} {local.hour % 12 or 12}:{local.minute:02}{half}"


def american(moment: datetime) -> str:
    """Return `3/9/2026 11:50:13 AM`: local time of the outlet, month first, no zone."""
    local = moment.astimezone(ZONE)
    half = "AM" if local.hour < 12 else "PM"
    clock = f"{local.hour % 12 or 12}:{local.minute:02}:{local.second:02}"
    return f"{local.month}/{local.day}/{local.year} {clock} {half}"


def document(title: str, body: str, *, meta: str = "") -> str:
    """Wrap a body in a whole HTML document."""
    feed = '<link rel="alternate" type="application/rss+xml" href="/rss.xml">'
    head = f'<meta charset="utf-8"><title>{escape(title)}</title>{meta}{feed}'
    return f'<!DOCTYPE html>\n<html lang="fr">\n<head>{head}</head>\n<body>\n{body}\n</body></html>\n'


def menu() -> str:
    """Return the logo and the menu: each section with its address."""
    entries = "".join(f'<li><a href="/Section/{number}">{escape(name)}</a></li>' for name, number in SECTIONS.items())
    return f'<header><a class="logo" href="/">TV</a><nav class="main-menu"><ul>{entries}</ul></nav></header>'


def sections_line(article: Article) -> str:
    """Return the line of the sections that the article stands in: no path, and parted with no-break spaces."""
    return " \u00a0/\u00a0 ".join(escape(name) for name in article.sections)


def side_box(outlet: Outlet) -> str:
    """Return the box of the latest headlines, which changes on every page with every new article."""
    rows = "".join(f'<li><a href="{a.path}">{escape(a.headline)}</a></li>' for a in outlet.latest(6))
    return f'<aside class="latest-box"><h4>L’INFO EN CONTINU</h4><ol>{rows}</ol></aside>'


def footer() -> str:
    """Return the foot of every page."""
    return '<footer><a href="/">Accueil</a> · Maquette de démonstration, articles inventés</footer>'


def related_lines(outlet: Outlet, article: Article) -> list[tuple[str, str]]:
    """Return (address, text) of the `Lire aussi` links to related articles that are up."""
    others = [outlet.articles[i] for i in article.related if i in outlet.articles]
    return [(other.path, f"Lire aussi : {other.headline}") for other in others if not other.gone]


def front_page(outlet: Outlet) -> str:
    """Return the front page: menu, then the newest five of each section."""
    blocks = [
        f'<section><h2><a href="/Section/{number}">{escape(name)}</a></h2>{_rows(outlet.listing(name)[:5])}</section>'
        for name, number in SECTIONS.items()
    ]
    return document("French Press TV (maquette)", menu() + "".join(blocks) + footer())


def section_page(outlet: Outlet, name: str, number: int) -> str | None:
    """Return one page of a section's listing, or None past its end; page 1 of an empty section is a page."""
    listed = outlet.listing(name)
    shown = listed[(number - 1) * PER_PAGE : number * PER_PAGE]
    if number < 1 or (not shown and number > 1):
        return None
    steps = []
    if number > 1:
        steps.append(f'<li class="previous"><a href="/Section/{SECTIONS[name]}/{number - 1}">«</a></li>')
    if number * PER_PAGE < len(listed):
        steps.append(f'<li class="next"><a href="/Section/{SECTIONS[name]}/{number + 1}">»</a></li>')
    pager = f'<ul class="pager">{"".join(steps)}</ul>' if steps else ""
    main = f'<main><h1 class="section-title">{escape(name)}</h1>{_rows(shown)}{pager}</main>'
    return document(name, menu() + main + side_box(outlet) + footer())


def absent_page(outlet: Outlet, *, words: str) -> str:
    """Return a page without an article: for what was never there, and for what was taken down softly."""
    return document("French Press TV (maquette)", f"{menu()}<main><p>{words}</p></main>{side_box(outlet)}{footer()}")


def feed(outlet: Outlet) -> str:
    """Return the RSS feed as the outlet writes it: 30 items, no dates, a port in the links, another host."""
    items = "".join(
        f"<item><title>{escape(a.headline)}</title><link>https://presstv.ir:443{a.path}</link>"
        f"<description>{escape(a.lead)}</description></item>"
        for a in outlet.latest(30)
    )
    channel = f"<channel><title>French Press TV</title><link>https://presstv.ir:443/</link>{items}</channel>"
    return f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0">{channel}</rss>\n'


def _rows(articles: Iterable[Article]) -> str:
    rows = "".join(
        f'<li><div><h3><a class="hover-effect" href="{a.path}">{escape(a.headline)}</a></h3>'
        f"<p>{escape(a.lead)}</p><small>{printed(a.published)}</small></div></li>"
        for a in articles
    )
    return f'<ul class="news-list">{rows}</ul>'
