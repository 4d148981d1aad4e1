"""Pages in markup that no page class knows, rendered from an article's parts: what the generic reading is measured on."""

import html
import json
from dataclasses import dataclass, field

PLACEHOLDER = (
    "US Rep. Ilhan Omar (D-MN) (L) talks with Speaker of the House Nancy Pelosi (D-CA) before a vote that has nothing "
    "to do with the article, on the East Steps of the Capitol in Washington, DC. (AFP photo)"
)
MENU = ("Infos", "A La Une", "Amériques", "Asie", "Europe", "L’INFO EN CONTINU")
esc = html.escape


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What an article is made of, and what a page of it should give back."""

    headline: str
    lead: str
    body: list[str]
    captions: list[str]
    sections: list[str]
    printed: str
    iso: str
    kicker: str = ""
    related: list[tuple[str, str]] = field(default_factory=list)
    latest: list[tuple[str, str]] = field(default_factory=list)

    @property
    def all_captions(self):
        return [PLACEHOLDER, *self.captions]


def links(pairs, wrap="<li><a href='{url}'>{title}</a></li>"):
    return "".join(wrap.format(url=esc(u), title=esc(t)) for t, u in pairs)


def menu(wrap='<a href="/Section/{n}">{name}</a>', between=" / "):
    return between.join(wrap.format(n=100 + n, name=esc(name)) for n, name in enumerate(MENU))


def semantic(a):
    """HTML5 landmarks, microdata, a list as breadcrumb."""
    crumbs = "".join(f"<li><a href=/Section/{n}>{esc(s)}</a></li>" for n, s in enumerate(a.sections))
    figures = "".join(
        f"<figure><img src=/p/{n}.jpg><figcaption>{esc(c)}</figcaption></figure>" for n, c in enumerate(a.all_captions)
    )
    body = "".join(f"<p>{esc(p)}</p>" for p in a.body)
    more = links([("Lire aussi : " + t, u) for t, u in a.related], "<p><a href='{url}'>{title}</a></p>")
    return (
        f"<!doctype html><html lang=fr><head><meta charset=utf-8><title>{esc(a.headline)} - Press TV</title></head><body>"
        f'<header class=site><a href=/>TV</a><nav>{menu()}</nav></header><main><nav aria-label="Fil d\'Ariane"><ol>{crumbs}</ol></nav>'
        f'<article itemscope itemtype="https://schema.org/NewsArticle"><header><p class=surtitre>{esc(a.kicker)}</p><h1 itemprop=headline>{esc(a.headline)}</h1>'
        f'<p class=chapo>{esc(a.lead)}</p><time itemprop=datePublished datetime="{a.iso}">{a.printed}</time></header>{figures}'
        f"<div itemprop=articleBody>{body}{more}</div><footer>Partager Cet Article</footer></article>"
        f"<aside><h3>L’INFO EN CONTINU</h3><ul>{links(a.latest)}</ul></aside></main><footer>© Press TV</footer></body></html>"
    )


def tables(a):
    """Tables and FONT tags in capitals, no class anywhere, text parted by double line breaks."""
    body = "<BR><BR>\n".join(esc(p) for p in a.body)
    captions = "<BR>".join(esc(c) for c in a.all_captions)
    more = "".join(f"<BR><BR><A HREF={esc(u)}>Lire aussi : {esc(t)}</A>" for t, u in a.related)
    return (
        f"<HTML LANG=fr><HEAD><META CHARSET=utf-8><TITLE>PressTV-{esc(a.headline)}</TITLE></HEAD><BODY BGCOLOR=white><TABLE WIDTH=900>"
        f"<TR><TD COLSPAN=2><A HREF=/>TV</A> {menu('<A HREF=/Section/{n}>{name}</A>', ' &nbsp; / &nbsp; ')}</TD></TR>"
        f"<TR><TD VALIGN=top><TABLE><TR><TD>{' &nbsp; / &nbsp; '.join(map(esc, a.sections))}</TD></TR>"
        f"<TR><TD><FONT SIZE=2>{esc(a.kicker)}</FONT></TD></TR>"
        f"<TR><TD><FONT SIZE=5><B>{esc(a.headline)}</B></FONT></TD></TR><TR><TD><FONT SIZE=1>{a.printed}</FONT></TD></TR>"
        f"<TR><TD><IMG SRC=/p/1.jpg><BR><I>{captions}</I></TD></TR>"
        f"<TR><TD><B>{esc(a.lead)}</B><BR><BR>{body}{more}</TD></TR><TR><TD>Partager Cet Article</TD></TR><TR><TD>SOURCE: FRENCH PRESS TV</TD></TR></TABLE></TD>"
        f"<TD VALIGN=top><B>L’INFO EN CONTINU</B><BR>{links(a.latest, '<A HREF={url}>{title}</A><BR>')}</TD></TR></TABLE></BODY></HTML>"
    )


def hashed(a):
    """Machine-made class names, divs only, the date and section names unmarked."""
    body = "".join(f"<div class='css-9k2'>{esc(p)}</div>" for p in a.body)
    captions = "".join(f"<div class='css-7xz'>{esc(c)}</div>" for c in a.all_captions)
    more = links(a.related, "<div class='css-9k2'>Lire aussi&nbsp;: <a href='{url}'>{title}</a></div>")
    return (
        f"<!doctype html><html lang='fr'><head><title>{esc(a.headline)} | French Press TV</title><meta name='description' content='{esc(a.lead[:150])}'></head>"
        f"<body><div id='root'><div class='css-1aa'>{menu(between='')}</div><div class='css-2bb'><div class='css-3cc'>"
        f"<div class='css-4d1'>{' / '.join(map(esc, a.sections))}</div><h1 class='css-4dd'>{esc(a.headline)}</h1><div class='css-5ee'>{a.printed}</div>"
        f"<div class='css-6ff'><img src='//cdn.invalid/1.jpg'>{captions}</div><div class='css-8gg'>{esc(a.lead)}</div>{body}{more}"
        f"<div class='css-ahh'><span>Partager Cet Article</span></div><div class='css-bii'>SOURCE: FRENCH PRESS TV</div></div>"
        f"<div class='css-cjj'><div>L’INFO EN CONTINU</div>{links(a.latest, '<div><a href={url}>{title}</a></div>')}</div></div></div></body></html>"
    )


def structured(a):
    """JSON-LD in a graph with the whole text; the page shows it in a wrapper a paragraph."""
    data = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "Organization", "name": "Press TV"},
            {
                "@type": "BreadcrumbList",
                "itemListElement": [
                    {"@type": "ListItem", "position": n, "item": {"name": s}}
                    for n, s in enumerate(["Accueil", *a.sections])
                ],
            },
            {
                "@type": ["NewsArticle"],
                "headline": a.headline,
                "datePublished": a.iso,
                "description": a.lead,
                "articleBody": "\n\n".join(a.body),
            },
        ],
    }
    body = "".join(f"<section class=row><div class=col><p>{esc(p)}</p></div></section>" for p in a.body)
    captions = "".join(f'<span class="legende">{esc(c)}</span>' for c in a.all_captions)
    return (
        f"<html lang=fr><head><meta charset=utf-8><title>{esc(a.headline)}</title><script type=application/ld+json>{json.dumps(data)}</script></head><body>"
        f"<div class=header-nav>{menu()}</div><div class=page><h2 class=titre>{esc(a.headline)}</h2><div class=photo><img src=/a.jpg>{captions}</div>"
        f"<div class=resume>{esc(a.lead)}</div>{body}<div class=social-share>Partager Cet Article</div></div>"
        f"<div class=sidebar><ul>{links(a.latest)}</ul></div></body></html>"
    )


def blog(a):
    """A blog theme: h3 title, French date, category links, captions in the middle of the text."""
    half = len(a.body) // 2
    captions = "".join(
        f'<div class="wp-caption"><img src="/w{n}.jpg"><p class="wp-caption-text">{esc(c)}</p></div>'
        for n, c in enumerate(a.all_captions)
    )
    body = [f"<p>{esc(p)}</p>" for p in a.body]
    more = links(a.related, "<p>Lire aussi : <a href='{url}'>{title}</a></p>")
    cats = ", ".join(f'<a href="/Section/{n}" rel="category tag">{esc(s)}</a>' for n, s in enumerate(a.sections))
    return (
        f"<!doctype html><html lang=fr-FR><head><meta property=og:title content='{esc(a.headline)}'><meta property=og:type content=article>"
        f"<meta property='article:published_time' content='{a.iso}'><title>French Press TV</title></head><body class='single sidebar-right'>"
        f"<div id=menu-main>{menu()}</div><div class=content-with-sidebar><div class=post><h3 class=entry-title>{esc(a.headline)}</h3>"
        f"<p class=meta>Publié le {a.iso[8:10]}/{a.iso[5:7]}/{a.iso[:4]} dans <span class=cat-links>{cats}</span></p>"
        f"<div class=entry><p><b>{esc(a.lead)}</b></p>{''.join(body[:half])}{captions}{''.join(body[half:])}{more}<p>&nbsp;</p><p>Partager Cet Article</p></div></div>"
        f"<div id=sidebar><div class=widget><h4>L’INFO EN CONTINU</h4><ul>{links(a.latest)}</ul></div></div></div></body></html>"
    )


def crowded(a):
    """Text in two halves around a box, teasers with summaries below, comments longer than the article."""
    half = len(a.body) // 2
    first, last = ("".join(f"<p>{esc(p)}</p>" for p in part) for part in (a.body[:half], a.body[half:]))
    teasers = "".join(
        f'<div class="card"><h4><a href="{esc(u)}">{esc(t)}</a></h4><p>Un résumé de quelques lignes qui présente un autre sujet du jour aux lecteurs de la page.</p></div>'
        for t, u in a.latest
    )
    comments = "".join(
        f"<div class=comment><p>Commentaire {n} : je ne suis pas d’accord avec cette analyse, et je tiens à le dire ici longuement.</p></div>"
        for n in range(30)
    )
    captions = "".join(f'<p class="img-caption">{esc(c)}</p>' for c in a.all_captions)
    return (
        f"<!doctype html><html lang=fr><head><title>{esc(a.headline)} - French Press TV</title><meta property=og:title content='PressTV-{esc(a.headline)}'></head><body>"
        f"<ul class=main-menu>{menu('<li><a href=/Section/{n}>{name}</a></li>', '')}</ul><div class=wrap><div class=rubriques>{' / '.join(map(esc, a.sections))}</div>"
        f"<div class=head><div class=suptitle>{esc(a.kicker)}</div><h1>{esc(a.headline)}</h1><span class=date-time>{a.printed}</span></div>"
        f"<div class=visual><img src=/v.jpg>{captions}</div><h2 class=standfirst>{esc(a.lead)}</h2><div class=text>{first}<div class=newsletter><p>Inscrivez-vous à notre lettre pour recevoir chaque matin l’essentiel.</p></div>{last}</div>"
        f"<div class=tools>Partager Cet Article</div><h3>Sur le même sujet</h3>{teasers}<section id=comments>{comments}</section></div></body></html>"
    )


MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]


def in_french(a):
    """Print the date as French pages do elsewhere."""
    return f"{int(a.iso[8:10])} {MONTHS[int(a.iso[5:7]) - 1]} {a.iso[:4]} à {a.iso[11:13]}h{a.iso[14:16]}"


def title_in_div(a):
    """No heading element, a head that names only the outlet, labelled section names, a French date."""
    body = "".join(f"<p class=txt>{esc(p)}</p>" for p in a.body)
    captions = "".join(f"<div class=photo-legend>{esc(c)}</div>" for c in a.all_captions)
    more = links([("Lire aussi : " + t, u) for t, u in a.related], "<p class=txt><a href='{url}'>{title}</a></p>")
    return (
        f"<html lang=fr><title>French Press TV</title><body><div id=top><a href=/>TV</a> {menu()}</div><div id=page>"
        f"<div class=path>Rubriques : {' / '.join(map(esc, a.sections))}</div><div class=sur>{esc(a.kicker)}</div>"
        f"<div class=titre-article>{esc(a.headline)}</div><div class=infos>Publié le {in_french(a)}</div>"
        f"<div class=ph><img src=a.jpg>{captions}</div><div class=sommaire>{esc(a.lead)}</div>{body}{more}"
        "<div>Partager Cet Article</div></div><div id=droite><h4>L’INFO EN CONTINU</h4>"
        f"{links(a.latest, '<p><a href={url}>{title}</a></p>')}</div></body></html>"
    )


def emphasised(a):
    """Captions in EM inside the picture's paragraph, the menu at the page's end, nothing of the text marked."""
    body = "".join(f"<p>{esc(p)}</p>\n" for p in a.body)
    captions = "".join(f"<em>{esc(c)}</em>" for c in a.all_captions)
    crumbs = "".join(f"<li>{esc(s)}</li>" for s in a.sections)
    return (
        f"<!DOCTYPE html><html lang='fr'><head><title>{esc(a.headline)}</title></head><body><article><ul class='path'>{crumbs}</ul>"
        f"<h4>{esc(a.kicker)}</h4><h2>{esc(a.headline)}</h2><abbr title='{a.iso}'>{a.printed}</abbr>"
        f"<p><img src='x.jpg'>{captions}</p><p>{esc(a.lead)}</p>{body}<p>Partager Cet Article</p><p>SOURCE: FRENCH PRESS TV</p>"
        f"</article><section><h3>L’INFO EN CONTINU</h3><ol>{links(a.latest)}</ol></section><div>{menu()}</div></body></html>"
    )


def names_at_the_end(a):
    """Section links behind the text, an update in the date line, each paragraph a span in a div."""
    body = "".join(f"<div><span>{esc(p)}</span></div>" for p in a.body)
    captions = "".join(f"<small>{esc(c)}</small><br>" for c in a.all_captions)
    more = links([("À lire aussi : " + t, u) for t, u in a.related], "<div><a href={url}>{title}</a></div>")
    crumbs = " / ".join(f"<a href=/Section/{100 + MENU.index(s)}>{esc(s)}</a>" for s in a.sections)
    return (
        f"<html lang=fr><head><meta property='og:title' content='{esc(a.headline)}'><meta property='og:site_name' content='Press TV'>"
        f"</head><body><nav>{menu()}</nav><section><h1><a href=#>{esc(a.headline)}</a></h1>"
        f"<div>{a.printed} [Updated: {a.printed} ]</div><picture><img src=y.jpg></picture><div>{captions}</div>"
        f"<div data-role=body><div><span><b>{esc(a.lead)}</b></span></div>{body}{more}</div><div>{crumbs}</div>"
        f"<div>Partager Cet Article</div></section><div class=box><b>L’INFO EN CONTINU</b><ul>{links(a.latest)}</ul></div></body></html>"
    )


def spans(a):
    """The text in spans parted by line breaks, a cut headline and the sections in JSON-LD."""
    body = "".join(f"<span class=par>{esc(p)}</span><br/><br/>" for p in a.body)
    captions = "".join(f"<figcaption>{esc(c)}</figcaption>" for c in a.all_captions)
    data = {
        "@context": "http://schema.org",
        "@type": "NewsArticle",
        "headline": a.headline[:110],
        "datePublished": a.iso,
        "articleSection": a.sections,
        "author": {"@type": "Organization", "name": "Press TV"},
    }
    return (
        f"<html lang=fr><head><title>{esc(a.headline)}</title><script type='application/ld+json'>{json.dumps([data])}</script></head>"
        f"<body><div class='w-nav'>{menu(between='')}</div><div class='layout has-sidebar'><div class='main-col'>"
        f"<span class='h'>{esc(a.headline)}</span><div class='pic'><figure><img src=a.jpg>{captions}</figure></div>"
        f"<div class='story-body'><span class='lead-text'>{esc(a.lead)}</span><br/><br/>{body}</div>"
        "<div class=share-bar>Partager Cet Article</div></div><div class='side-col'>"
        f"{links(a.latest, '<div><a href={url}>{title}</a><p>Résumé court de cette autre nouvelle.</p></div>')}</div></div></body></html>"
    )


LAYOUTS = {
    f.__name__: f
    for f in (semantic, tables, hashed, structured, blog, crowded, title_in_div, emphasised, names_at_the_end, spans)
}
