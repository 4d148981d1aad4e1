"""A small outlet of invented articles in English, in the layouts of three eras, for crawls of another edition."""

from dataclasses import dataclass, replace
from datetime import datetime
from html import escape

from demo.outlet import Outlet
from demo.routes import Answer
from demo.server import Server

SECTIONS = {"Iran": 101, "West Asia": 102, "Europe": 106, "Economy": 10102, "Latest": 13013}
SHARE, SOURCE, READ_ALSO = "Share This Article", "SOURCE: PRESS TV", "Read also: "


@dataclass(frozen=True, kw_only=True)
class Story:
    """One article; `at` is wall-clock time of the outlet."""

    id: str
    at: datetime
    slug: str
    headline: str
    lead: str
    body: tuple[str, ...]
    caption: str
    sections: tuple[str, ...] = ("Latest",)
    kicker: str = ""
    related: str = ""

    @property
    def path(self):
        """The address; months and days are not padded."""
        return f"/Detail/{self.at.year}/{self.at.month}/{self.at.day}/{self.id}/{self.slug}"


STORIES = (
    Story(
        id="598411", at=datetime(2019, 6, 13, 8, 5), slug="Harbour-wall-of-Ostrey", sections=("Europe", "Latest"),
        kicker="Coast", headline="Ostrey rebuilds its harbour wall with stones from the old mill",
        lead="Masons in Ostrey have begun to rebuild the harbour wall that a storm broke in January.",
        body=(
            "The wall is 340 metres long. Mr. Aldous Finch, the harbour master, said the work would take nine weeks.",
            "“We carry every stone by hand,” he told reporters on the quay. Two barges wait for the tide.",
            "The town voted in March to pay a third of the cost. The rest comes from the county.",
        ),
        caption="Masons on the harbour wall of Ostrey, June 12, 2019. (Photo by Lumen)", related="598502",
    ),
    Story(
        id="598502", at=datetime(2019, 6, 14, 16, 40), slug="Night-ferry-returns", sections=("Europe", "Economy", "Latest"),
        headline="Night ferry between Ostrey and Hale returns after six years",
        lead="The night ferry sails again from Friday. It was withdrawn in 2013 for want of passengers.",
        body=(
            "The boat carries 210 passengers and forty bicycles. A single ticket costs 14 crowns.",
            "The company, according to its director, expects to fill about 60 percent of the berths.",
            "At Hale the night bus will wait for the boat. The last one used to leave five minutes before it came.",
        ),
        caption="The night ferry at Hale. (File photo)",
    ),
    Story(
        id="701204", at=datetime(2023, 3, 7, 13, 20), slug="Carpet-menders-of-Karvand", sections=("Iran", "Latest"),
        kicker="Crafts", headline="Carpet menders of Karvand open their workshop to apprentices",
        lead="Twelve apprentices have joined the menders of Karvand, whose youngest master is 61.",
        body=(
            "The workshop mends some 300 carpets a year. Each knot is tied by hand and dyed on the spot.",
            "Mrs. Parvin Sadr, who runs the workshop, said that madder root is hard to find.",
            "The apprentices stay for three years. The province pays half of their wages.",
        ),
        caption="A mender at her loom in Karvand. (Photo by Lumen)",
    ),
    Story(
        id="702881", at=datetime(2023, 4, 2, 9, 0), slug="Bridge-at-Sefidan", sections=("Iran", "Economy", "Latest"),
        headline="Bridge at Sefidan carries its first lorries",
        lead="The bridge over the Sefid was opened to lorries on Sunday, two months before time.",
        body=(
            "The bridge is 412 metres long and rests on five piers. It replaces a ferry that sank in 2017.",
            "Drivers save ninety minutes. Until now they had to go round by Rudan.",
            "The engineers will watch the third pier, which may settle by a few millimetres.",
        ),
        caption="Lorries on the bridge at Sefidan. (Photo by Lumen)",
    ),
    Story(
        id="765310", at=datetime(2026, 3, 9, 11, 50, 13), slug="Seed-library-of-Tal-Amr", sections=("West Asia", "Latest"),
        headline="Seed library of Tal Amr lends its ten thousandth packet",
        lead="A farmer from Tal Amr has borrowed the ten thousandth packet of the village's seed library.",
        body=(
            "The library keeps 640 sorts of wheat, lentil and bean. Whoever borrows brings back twice as much.",
            "“It was a biscuit tin when we began,” said the librarian, Dr. Nour Haddad.",
            "The oldest seeds are from 1931. They were found in a clay jar under the floor of the school.",
        ),
        caption="Packets of seed in the library of Tal Amr. (Photo by Lumen)", related="702881",
    ),
    Story(
        id="766004", at=datetime(2026, 3, 15, 18, 5, 40), slug="Tram-drivers-of-Norrby", sections=("Europe", "Latest"),
        headline="Tram drivers of Norrby win a longer break",
        lead="The trams of Norrby run again after a strike of four days.",
        body=(
            "The 34 trams left the depot at dawn. The drivers voted by 212 to 41 for the agreement.",
            "Their break grows from twelve to twenty minutes. The council could not say what it costs.",
            "Some 14,000 people take the tram on a weekday. Many had gone back to their bicycles.",
        ),
        caption="A tram at the depot of Norrby. (Photo by Lumen)",
    ),
)  # fmt: skip


def printed(at):
    """Return a time as the date line prints it."""
    return f"{at:%a %b %d, %Y} {at.hour % 12 or 12}:{at:%M}{'AM' if at.hour < 12 else 'PM'}"


def american(at):
    """Return a time as `DC.Date.Created` prints it."""
    half = "AM" if at.hour < 12 else "PM"
    return f"{at.month}/{at.day}/{at.year} {at.hour % 12 or 12}:{at:%M:%S} {half}"


def document(title, body, head="", language="en"):
    """Return a whole page."""
    meta = f'<meta charset="utf-8"><title>{escape(title)}</title>{head}'
    return f"<!DOCTYPE html>\n<html lang={language}><head>{meta}</head><body>{menu()}{body}<footer>Invented articles</footer></body></html>"


def menu():
    """Return the logo and the menu."""
    links = "".join(f'<li><a href="/Section/{number}">{escape(name)}</a></li>' for name, number in SECTIONS.items())
    return f'<header><a href="/">TV</a><nav class="main-menu"><ul>{links}</ul></nav></header>'


def classic(story, others, language):
    """Return the page of 2019."""
    read = others.get(story.related)
    link = f'<p><a href="{read.path}">{READ_ALSO}{escape(read.headline)}</a></p>' if read else ""
    text = f"<p><strong>{escape(story.lead)}</strong></p>" + "".join(f"<p>{escape(p)}</p>" for p in story.body) + link
    body = (
        f'<div class="detail"><div class="breadcrumb">{" / ".join(story.sections)}</div>'
        f'<h4 class="page-kicker">{story.kicker}</h4><h2 class="page-header">{escape(story.headline)}</h2>'
        f'<div class="item-date">\r\n {printed(story.at)}</div><figure class="item-image"><img src="//cdn.invalid/{story.id}.jpg">'
        f'<figcaption>{escape(story.caption)}</figcaption></figure><div class="item-text">{text}</div>'
        f'<div class="share">{SHARE}</div><div class="source">{SOURCE}</div></div>'
    )
    return document(f"PressTV-{story.headline}", body, language=language)


def modern(story, others, language, head=""):
    """Return the page of 2023."""
    read = others.get(story.related)
    link = f'<p><a href="{read.path}">{READ_ALSO}{escape(read.headline)}</a></p>' if read else ""
    body = (
        f"<article><div class=breadcrumb>{' / '.join(story.sections)}</div><span class=rotitr>{story.kicker}</span>"
        f"<h1 class=news-title-container>{escape(story.headline)}</h1>"
        f'<time class=news-detail datetime="{story.at:%Y-%m-%d %H:%M}">{printed(story.at)}</time>'
        f"<figure><img src=//cdn.invalid/{story.id}.m.jpg><figcaption>{escape(story.caption)}</figcaption></figure>"
        f"<p class=lead>{escape(story.lead)}</p><div class=news-body-container>"
        f"{''.join(f'<p>{escape(p)}</p>' for p in story.body)}{link}</div><div class=share-line>{SHARE}</div>"
        f"<div class=source>{SOURCE}</div></article>"
    )
    return document(story.headline, body, head, language)


def newest(story, others, language):
    """Return the page of 2024 and later: dates in the head, month first."""
    head = f"<meta name='DC.Date.Created'  content='{american(story.at)}'/><meta property='og:type' content='article'/>"
    return modern(story, others, language, head)


class EnglishOutlet(Server):
    """The outlet, running; `stories` may be changed."""

    def __init__(self):
        self.stories = {story.id: story for story in STORIES}
        self.languages = {}
        super().__init__(Outlet((), clock=datetime.now))

    def edit(self, number, **fields):
        """Change an article, silently."""
        self.stories[number] = replace(self.stories[number], **fields)

    def page(self, number):
        """Return an article's page."""
        story = self.stories[number]
        layout = classic if story.at.year < 2020 else modern if story.at.year < 2024 else newest
        return layout(story, self.stories, self.languages.get(number, "en"))

    def answer(self, path):
        """Answer a path."""
        answer = self._answer(path)
        return answer, answer.encoded()

    def _answer(self, path):
        newest_first = sorted(self.stories.values(), key=lambda story: story.at, reverse=True)
        sections = {f"/Section/{number}": name for name, number in SECTIONS.items()}
        if path == "/robots.txt":
            return Answer(kind="text/plain", text="User-agent: *\nDisallow:\n")
        if path == "/":
            return Answer(text=document("Press TV", rows(newest_first)))
        if path in sections:
            listed = [story for story in newest_first if sections[path] in story.sections]
            return Answer(text=document(sections[path], f"<h1>{escape(sections[path])}</h1>{rows(listed)}"))
        if path == "/rss.xml":
            items = "".join(f"<item><link>https://presstv.ir:443{s.path}</link></item>" for s in newest_first)
            return Answer(kind="application/rss+xml", text=f'<rss version="2.0"><channel>{items}</channel></rss>')
        number = next((story.id for story in newest_first if story.path == path), None)
        if number is None:
            return Answer(status=404, text=document("Press TV", "<p>The page was not found.</p>"))
        return Answer(text=self.page(number))


def rows(stories):
    """Return a listing's rows."""
    return "".join(
        f'<div><h3><a class="hover-effect" href="{s.path}">{escape(s.headline)}</a></h3></div>' for s in stories
    )
