"""A layout of our own making with as little to hold on to as can be: no landmark, no heading, boxes amid the text."""

from html import escape

from demo import page
from demo.outlet import ZONE, Article, Outlet


def render(outlet: Outlet, article: Article) -> str:
    """Return the whole page."""
    local = article.published.astimezone(ZONE)
    parts = [f"<div class='z'>{escape(p.removeprefix('## '))}</div>" for p in article.body]
    parts.insert(1, "<div class='b'><div>À ne pas manquer</div><div>Recevez notre lettre chaque matin</div></div>")
    inner = (
        f"<div class='t'><b>{escape(article.headline)}</b></div><div class='d'>{local:%d/%m/%Y}</div>"
        f"<div class='l'>{escape(article.lead)}</div>{''.join(parts)}"
    )
    return page.document(
        article.headline, page.menu() + f"<div><div>{inner}</div>{page.side_box(outlet)}</div>" + page.footer(), meta=""
    )
