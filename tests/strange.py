"""A layout that no page object knows, of our own making: `<main>` with plain headings, a French date, no class we know."""

from html import escape

from demo import page
from demo.outlet import ZONE, Article, Outlet


def render(outlet: Outlet, article: Article) -> str:
    """Return the whole page."""
    local = article.published.astimezone(ZONE)
    day = f"{local.day} {_MONTHS[local.month - 1]} {local.year}, {local:%H:%M}"
    body = "".join(f"<h4>{escape(p[3:])}</h4>" if p.startswith("## ") else f"<p>{escape(p)}</p>" for p in article.body)
    pictures = "".join(f"<figure><figcaption>{escape(c)}</figcaption></figure>" for c in article.captions)
    main = (
        f'<main id="x9"><section><h1>{escape(article.headline)}</h1><p class="q">{day}</p>{pictures}'
        f"<p><em>{escape(article.lead)}</em></p>{body}</section></main>"
    )
    return page.document(article.headline, page.menu() + main + page.side_box(outlet) + page.footer(), meta="")


_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
