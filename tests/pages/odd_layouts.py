"""More markups that no page class knows, odder than `unknown_layouts`: what a redesign might bring."""

import json
from datetime import datetime

from tests.pages.unknown_layouts import MONTHS, Parts, esc, links, menu

_TEASER = "Le conseil se réunit demain pour en débattre, et la séance sera publique jusqu’à vingt heures."
_WALL = (
    "<h2>La suite est réservée à nos abonnés</h2><p>Pour lire la suite de ce texte, ouvrez un compte gratuit ou dites qui"
    " vous êtes. Votre abonnement soutient une rédaction libre et donne accès à toutes ses archives.</p>"
)
_AD = (
    "<div class=gpt><div><div>Publicité</div><div><a href='https://boutique.invalid/x'>Les nouvelles offres de la boutique"
    " sont là, livraison gratuite pour toute commande du week-end.</a></div></div></div>"
)
_COMMENT = (
    "<div class=cm><div>Lectrice</div><div>Je ne suis pas d’accord avec ce qui est écrit ici, et j’aimerais que la "
    "rédaction donne plus de sources sur ce sujet.</div></div>"
)


def _french(a: Parts) -> str:
    moment = datetime.fromisoformat(a.iso)
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}, {moment.hour:02}h{moment.minute:02}"


def cells(a: Parts) -> str:
    """Each paragraph in a row of a table, the latest news with long teasers in a column before it."""
    rows = "".join(f"<tr><td class=txt colspan=2>{esc(p)}</td></tr>" for p in a.body)
    captions = "".join(
        f"<tr><td colspan=2><img src=/i/{n}.jpg><br><small>{esc(c)}</small></td></tr>"
        for n, c in enumerate(a.all_captions)
    )
    more = links(a.related, "<tr><td colspan=2>Lire aussi : <a href={url}>{title}</a></td></tr>")
    side = links(a.latest, "<tr><td><a href={url}><b>{title}</b></a><br>" + _TEASER + "</td></tr>")
    return (
        f"<html lang=fr><head><meta charset=utf-8><title>{esc(a.headline)} :: French Press TV</title></head><body><table>"
        f"<tr><td colspan=3>{menu()}</td></tr><tr><td><table><tr><th>L’INFO EN CONTINU</th></tr>{side}</table></td>"
        f"<td><table><tr><td colspan=2><small>{' &gt; '.join(map(esc, a.sections))}</small></td></tr>"
        f"<tr><td colspan=2>{esc(a.kicker)}</td></tr><tr><td colspan=2><font size=+3>{esc(a.headline)}</font></td></tr>"
        f"<tr><td>Publié le : {_french(a)}</td></tr>{captions}<tr><td colspan=2><strong>{esc(a.lead)}</strong></td></tr>"
        f"{rows}{more}<tr><td colspan=2>SOURCE: FRENCH PRESS TV</td></tr></table></td></tr></table></body></html>"
    )


def elements(a: Parts) -> str:
    """Elements of the site's own making, no class anywhere; one of them stands inside a sentence."""
    before, _, rest = esc(a.body[0]).partition(" ")
    word, _, behind = rest.partition(" ")
    first = f"{before} <x-term>{word}</x-term> {behind}" if behind else esc(a.body[0])
    body = "".join(f"<x-para>{p}</x-para>" for p in [first, *map(esc, a.body[1:])])
    captions = "".join(
        f"<x-figure><img src=/i/{n}.webp><x-caption>{esc(c)}</x-caption></x-figure>" for n, c in enumerate(a.captions)
    )
    crumbs = "".join(f"<a href=/Section/1{n}>{esc(s)}</a>" for n, s in enumerate(a.sections))
    more = links(a.related, "<x-link><a href={url}>Lire aussi : {title}</a></x-link>")
    latest = links(a.latest, "<x-card><a href={url}>{title}</a><x-teaser>" + _TEASER + "</x-teaser></x-card>")
    return (
        f"<!doctype html><html lang=fr><head><meta charset=utf-8><title>{esc(a.headline)} | Press TV</title></head><body>"
        f"<x-app><x-header><x-nav>{menu()}</x-nav></x-header><x-article><x-breadcrumb>{crumbs}</x-breadcrumb>"
        f"<x-kicker>{esc(a.kicker)}</x-kicker><x-title><h1>{esc(a.headline)}</h1></x-title>"
        f"<x-date><time datetime={a.iso}>{_french(a)}</time></x-date>{captions}<x-lead>{esc(a.lead)}</x-lead>"
        f"<x-body>{body}{more}</x-body><x-share>Partager Cet Article</x-share></x-article>"
        f"<x-latest>{latest}</x-latest></x-app><template><p>Ceci n’est pas du texte.</p></template></body></html>"
    )


def microdata(a: Parts) -> str:
    """Spans that microdata alone names; the title says nothing, and teasers follow the text without a mark."""
    captions = "".join(
        f"<span itemprop=image itemscope itemtype='http://schema.org/ImageObject'><img itemprop=url src=/i/{n}.jpg>"
        f"<span itemprop=caption>{esc(c)}</span></span>"
        for n, c in enumerate(a.all_captions)
    )
    names = " ".join(f"<span itemprop=articleSection>{esc(s)}</span>" for s in a.sections)
    return (
        f"<html lang=fr><head><meta charset=utf-8><title>French Press TV</title></head><body><div>{menu()}</div>"
        f"<div itemscope itemtype='http://schema.org/NewsArticle'><div>{names}</div>"
        f"<meta itemprop=datePublished content={a.iso}><span itemprop=alternativeHeadline>{esc(a.kicker)}</span>"
        f"<span itemprop=headline>{esc(a.headline)}</span>{captions}<span itemprop=description>{esc(a.lead)}</span>"
        f"<div itemprop=articleBody>{'<br><br>'.join(map(esc, a.body))}</div></div>"
        f"<div><b>L’INFO EN CONTINU</b>{links(a.latest, '<div><a href={url}>{title}</a> ' + _TEASER + '</div>')}</div>"
        "</body></html>"
    )


def walled(a: Parts) -> str:
    """The whole text in JSON-LD only; the page shows its first paragraph and an appeal to subscribe."""
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": a.headline,
        "datePublished": a.iso,
        "description": a.lead,
        "articleSection": a.sections,
        "articleBody": "\n".join(a.body),
        "image": [{"@type": "ImageObject", "url": "/i/1.jpg", "caption": c} for c in a.captions],
        "isAccessibleForFree": False,
    }
    return (
        f"<!doctype html><html lang=fr><head><meta charset=utf-8><title>{esc(a.headline)}</title>"
        f"<script type=application/ld+json>{json.dumps(data)}</script></head><body><nav>{menu()}</nav><main>"
        f"<h1>{esc(a.headline)}</h1><div class=intro>{esc(a.lead)}</div><p>{esc(a.body[0])}</p>"
        f"<div class='reserve paywall'>{_WALL * 3}<button>Je m’abonne</button></div></main>"
        f"<aside><ul>{links(a.latest)}</ul></aside></body></html>"
    )


def soup(a: Parts) -> str:
    """Nothing but divs, advertisements between the paragraphs, comments and teasers behind them."""
    paragraphs = (f"<div class=r><div class=c><div>{esc(p)}</div></div></div>" for p in a.body)
    body = "".join(p + (_AD if n % 2 else "") for n, p in enumerate(paragraphs))
    captions = "".join(
        f"<div class=ph><div><img src=/i/{n}.jpg></div><div>{esc(c)}</div></div>" for n, c in enumerate(a.all_captions)
    )
    more = links(a.related, "<div class=r><div class=c><a href={url}>Lire aussi : {title}</a></div></div>")
    return (
        f"<!doctype html><html lang=fr><head><meta charset=utf-8><title>{esc(a.headline)} - Press TV</title></head><body>"
        f"<div class=w><div class=t>{menu()}</div><div class=m><div class=k>{' / '.join(map(esc, a.sections))}</div>"
        f"<div class=z>{esc(a.kicker)}</div><div class=hh><div>{esc(a.headline)}</div></div><div class=d>{a.printed}</div>"
        f"{captions}<div class=ld><div>{esc(a.lead)}</div></div>{body}{more}<div class=s>Partager Cet Article</div>"
        f"<div class=q4><div>4 commentaires</div>{_COMMENT * 4}</div></div>"
        f"<div class=q>{links(a.latest, '<div><a href={url}>{title}</a><div>' + _TEASER + '</div></div>')}</div></div>"
        "</body></html>"
    )


def lines(a: Parts) -> str:
    """One cell whose lines are parted by `<br>`, the captions in italics, the lead in bold right below them."""
    captions = "".join(f"<i>{esc(c)}</i><br>" for c in a.all_captions)
    return (
        f"<html lang=fr><head><meta charset=utf-8><title>{esc(a.headline)}</title></head><body>{menu()}<table>"
        f"<tr><td>{' &gt; '.join(map(esc, a.sections))}</td></tr><tr><td><small>{esc(a.kicker)}</small><br>"
        f"<h1>{esc(a.headline)}</h1>{a.printed}<br><img src=/i/1.jpg><br>{captions}<b>{esc(a.lead)}</b><br><br>"
        f"{'<br><br>'.join(map(esc, a.body))}<p>SOURCE: FRENCH PRESS TV</p></td></tr></table></body></html>"
    )


def parted(a: Parts) -> str:
    """Amid the text a letter to subscribe to and cards of other articles, none of them marked by a class that tells."""
    letter = "<div class=n1><h3>Notre lettre</h3><p>Chaque matin, le monde en dix lignes.</p><form><input></form></div>"
    card = "<div class=n3><a href='{url}'>{title}</a><p>" + _TEASER + "</p></div>"
    body = [f"<section><p>{esc(p)}</p></section>" for p in a.body]
    body[1:1] = [letter, f"<div class=n2>{links(a.latest[:3], card)}</div>"]
    captions = "".join(f"<figure><img src=/i/1.jpg><figcaption>{esc(c)}</figcaption></figure>" for c in a.all_captions)
    return (
        f"<html lang=fr><head><meta charset=utf-8><title>{esc(a.headline)}</title></head><body>{menu()}<div class=z>"
        f"<div class=breadcrumbs>{' / '.join(map(esc, a.sections))}</div><h1>{esc(a.headline)}</h1><p>{a.printed}</p>"
        f"{captions}<h2 class=standfirst>{esc(a.lead)}</h2>{''.join(body)}<div>Partager Cet Article</div></div></body></html>"
    )


def foot(a: Parts) -> str:
    """Date and sections stand behind the text, below the share line."""
    captions = "".join(f"<p class=legende>{esc(c)}</p>" for c in a.all_captions)
    return (
        f"<html lang=fr><head><meta charset=utf-8><title>Press TV | {esc(a.headline)}</title></head><body>{menu()}"
        f"<div class=w><h3 class=u>{esc(a.headline)}</h3><img src=/i/1.jpg>{captions}<blockquote class=intro>{esc(a.lead)}"
        f"</blockquote>{''.join(f'<p>{esc(p)}</p>' for p in a.body)}<p>Partager Cet Article</p>"
        f"<p>SOURCE: FRENCH PRESS TV</p><p>Publié le {_french(a)}</p><p>{' · '.join(map(esc, a.sections))}</p></div>"
        "</body></html>"
    )


def dressed(a: Parts) -> str:
    """No class at all: captions differ from paragraphs by their alignment and their letters' size."""
    captions = "".join(f"<div align=center><font size=1>{esc(c)}</font></div>" for c in a.all_captions)
    body = "".join(f"<div><span style='font-size:12pt'>{esc(p)}</span></div><div>&nbsp;</div>" for p in a.body)
    return (
        f"<html lang=fr><head><meta charset=utf-8><title>{esc(a.headline)}</title></head><body>{menu()}<div id=w>"
        f"<div>{' | '.join(map(esc, a.sections))}</div><div><font size=6>{esc(a.headline)}</font></div>"
        f"<div><font color=gray>{a.printed}</font></div><center><img src=/i/1.jpg></center>{captions}"
        f"<div><span><b>{esc(a.lead)}</b></span></div>{body}<div>Partager Cet Article</div></div></body></html>"
    )


ODD = {f.__name__: f for f in (cells, elements, microdata, walled, soup, lines, parted, foot, dressed)}
