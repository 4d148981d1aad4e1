"""The layout since 2023: `h1.news-title-container`, `time.news-detail`, `div.news-body-container`, `DC.Date.*`."""

from html import escape

from demo import page
from demo.outlet import ZONE, Article, Outlet


def render(outlet: Outlet, article: Article) -> str:
    """Return the whole page, the box of the latest headlines in it: a new article changes the bytes of every page."""
    kicker = f'<span class="rotitr">{escape(article.kicker)}</span>' if article.kicker else ""
    main = (
        f'<article class="container"><div class="breadcrumb">{page.sections_line(article)}</div>{kicker}'
        f'<h1 class="news-title-container">{escape(article.headline)}</h1>{_time(article)}{_media(article)}'
        f'{_byline(article)}<p class="lead">{escape(article.lead)}</p>{_text(outlet, article)}{_tags(article)}'
        f'<div class="share-line"><span>{page.SHARE}</span></div><div class="source">{page.SOURCE}</div></article>'
    )
    body = page.menu() + main + page.side_box(outlet) + page.footer()
    return page.document(article.headline, body, meta=_meta(article))


def _meta(article: Article) -> str:
    dates = [("Created", article.published), ("Modified", article.modified)]
    dublin = "".join(f"<meta name='DC.Date.{kind}'  content='{page.american(at)}'/>" for kind, at in dates if at)
    return (
        f"{dublin}<meta property='og:type' content='article'/>"
        f'<meta property="og:title" content="{escape(article.headline)}"/>'
        f'<meta property="og:description" content="{escape(article.lead)}"/>'
        f'<link rel="canonical" href="{article.path}"/>'
    )


def _time(article: Article) -> str:
    local = article.published.astimezone(ZONE)
    updated = f" [Updated: {page.printed(article.modified)} ]" if article.modified else ""
    # The attribute's value is quoted, the class is not: the real pages mix both.
    machine = f"{local:%Y-%m-%d %H:%M}"
    return f'<time class=news-detail datetime="{machine}">{page.printed(article.published)}{updated}</time>'


def _media(article: Article) -> str:
    stem = f"//cdn.presstv.ir/photo/{article.published:%Y%m%d}/{article.id}"
    if article.video:
        media, captions = f'<video src="{stem}.mp4" controls></video>', article.captions
    else:
        media, captions = f"<img src={stem}.m.jpg alt=photo>", (page.STOCK_CAPTION, *article.captions)
    lines = "".join(f"<figcaption>{escape(caption)}</figcaption>" for caption in captions)
    return f"<figure>{media}{lines}</figure>"


def _byline(article: Article) -> str:
    lines = "<br>".join(escape(line) for line in article.byline.splitlines())
    return f'<div class="news-author">{lines}</div>' if lines else ""


def _text(outlet: Outlet, article: Article) -> str:
    body = [f"<h3>{escape(p[3:])}</h3>" if p.startswith("## ") else f"<p>{escape(p)}</p>" for p in article.body]
    links = [f'<p><a href="{path}">{escape(text)}</a></p>' for path, text in page.related_lines(outlet, article)]
    return f'<div class="news-body-container">{chr(10).join(body + links)}<p>&nbsp;</p></div>'


def _tags(article: Article) -> str:
    links = "".join(f'<a href="/Tag/{n}" rel="tag">{escape(tag)}</a> ' for n, tag in enumerate(article.tags))
    return f'<div class="tags">{links}</div>' if links else ""
