"""The layout of 2016 to 2022: `h2.page-header`, `div.item-date`, `figure.item-image`, `div.item-text`."""

from html import escape

from demo import page
from demo.outlet import Article, Outlet


def render(outlet: Outlet, article: Article) -> str:
    """Return the whole page. The latest headlines come by callback, so a new article leaves these bytes alone."""
    kicker = f'<h3 class="page-kicker">{escape(article.kicker)}</h3>' if article.kicker else ""
    main = (
        f'<div class="detail"><div class="breadcrumb">{page.sections_line(article)}</div>{kicker}'
        f'<h2 class="page-header">{escape(article.headline)}</h2>{_date_line(article)}{_byline(article)}'
        f'{_figure(article)}{_text(outlet, article)}<div class="share-line">{page.SHARE}</div>'
        f'<div class="source">{page.SOURCE}</div></div>'
    )
    box = '<aside class="loading" data-loading="/callback/latest"></aside>'
    title = f"PressTV-{article.headline}"
    return page.document(title, page.menu() + main + box + page.footer(), meta=_meta(article))


def _meta(article: Article) -> str:
    title = escape(f"PressTV-{article.headline}")
    return (
        f'<meta name="title" content="{title}"><meta property="og:title" content="{title}">'
        f'<meta property="og:description" content="{escape(article.lead)}">'
        f'<meta property="og:image" content="/photo/{article.id}.jpg">'
        f'<meta name="keywords" content="{escape(", ".join(article.tags))}">'
    )


def _date_line(article: Article) -> str:
    updated = f" [Updated: {page.printed(article.modified)} ]" if article.modified else ""
    return f'<div class="item-date">\r\n    {page.printed(article.published)}{updated}\r\n</div>'


def _figure(article: Article) -> str:
    if article.video:
        media = f'<input type="hidden" id="inpPlayback" value="/video/{article.id}.mp4">'
        captions = article.captions
    else:
        media = f'<img src="/photo/{article.id}.jpg" alt="">'
        captions = (page.STOCK_CAPTION, *article.captions)
    lines = "".join(f"<figcaption>{escape(caption)}</figcaption>" for caption in captions)
    return f'<figure class="item-image">{media}{lines}</figure>'


def _byline(article: Article) -> str:
    lines = "<br>".join(escape(line) for line in article.byline.splitlines())
    return f'<div class="item-author">{lines}</div>' if lines else ""


def _text(outlet: Outlet, article: Article) -> str:
    box = "item-body" if article.published.year < 2018 else "item-text"
    lead = [f"<p><strong>{escape(article.lead)}</strong></p>"]
    body = [f"<p>{_bold(paragraph)}</p>" for paragraph in article.body]
    # The real outlet breaks its text with these links: they stand after the second paragraph, not at the end.
    body[2:2] = [f'<p><a href="{path}">{escape(text)}</a></p>' for path, text in page.related_lines(outlet, article)]
    return f'<div class="{box}">{"".join(lead + body)}</div>'


def _bold(paragraph: str) -> str:
    if paragraph.startswith("## "):
        return f"<b>{escape(paragraph[3:])}</b>"
    return escape(paragraph)
