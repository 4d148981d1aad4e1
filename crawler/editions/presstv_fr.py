"""Press TV's French edition, french.presstv.ir."""

import re
from datetime import UTC, datetime

from archive.languages.french import FRENCH
from crawler.editions.edition import Edition, Section
from pipelines.template import Placeholder, Template

_NAME = r"(?:french\s+)?press\s?tv(?:\s+fran[cç]ais)?"

PRESSTV_FR = Edition(
    name="presstv-fr",
    language="fr",
    zone="Asia/Tehran",
    began=datetime(2007, 1, 1, tzinfo=UTC),
    # `DC.Date.Created` is written as in the United States.
    month_first=("dc.date",),
    hosts=(
        "french.presstv.ir",
        "french.presstv.co.uk",
        "french.presstv.com",
        "350431105.r.worldcdn.net",
        "www.presstv.com",
    ),
    aliases=(
        "presstv.ir",
        "www.presstv.ir",
        "presstv.com",
        "presstv.co.uk",
        "www.presstv.co.uk",
        "presstv.tv",
        "www.presstv.tv",
    ),
    shared={"www.presstv.com": "/DetailFr/"},
    # Videos are counted with the articles: /Video/2015/10/04/431915 lies between their numbers of those days.
    article=re.compile(
        r"/(?:Detail(?:Fr)?|Video)/([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})/([1-9][0-9]{0,11})(?:/|$)", re.IGNORECASE
    ),
    feed_path="/rss.xml",
    sections=(
        Section(key="une", name="A La Une"),
        Section(key="europe", name="Europe"),
        Section(key="continu", name="L’INFO EN CONTINU"),
        Section(key="infos", name="Infos"),
        Section(key="ameriques", name="Amériques"),
        Section(key="asie", name="Asie"),
        Section(key="afrique", name="Afrique"),
        Section(key="iran", name="Iran"),
        Section(key="moyen-orient", name="Moyen-Orient"),
        Section(key="economie", name="Économie"),
        Section(key="videos", name="Vidéos"),
        Section(key="sports", name="Sports"),
    ),
    default_sections=("une", "europe", "continu"),
    home_names=frozenset({"accueil", "home", "press tv", "french press tv"}),
    side_names=frozenset({
        "l info en continu", "les plus lus", "les plus vus", "derniere minute", "dernieres nouvelles", "a lire aussi",
        "articles lies", "most read", "most viewed", "latest news", "a ne pas manquer", "en direct",
    }),
    template=Template(
        lines=re.compile(
            rf"""TV
            |{_NAME}
            |partager\s+cet\s+article\W*
            |publicit[ée]s?
            |t[ée]l[ée]charger\W*
            |regardez\s+cette\s+vid[ée]o(?:\s+sur)?\s+youtube\W*
            |abonnez[\s-]vous\s+[àa]\s+notre\s+(?:cha[iî]ne|canal)\s+t[ée]l[ée]gram\b.{{0,120}}
            |(?:infos|a\s+la\s+une)(?:\s*/\s*[^/]{{2,40}}){{2,}}
            |(?:pic\.twitter\.com/\w+\s*)+""",
            re.IGNORECASE | re.VERBOSE | re.DOTALL,
        ),
        source_line=re.compile(r"SOURCE\s*:\s*(?:FRENCH\s+)?PRESS\s?TV\W*", re.IGNORECASE),
        related=FRENCH.related,
        article_link=re.compile(r"/(?:Detail|DetailFr|Video)/[0-9]{4}/", re.IGNORECASE),
        site=re.compile(
            r"(?:french\s+)?(?:press\s?)?tv(?:\s+(?:french|fran[cç]ais|en\s+fran[cç]ais))?\W*", re.IGNORECASE
        ),
        site_before=re.compile(rf"^(?:{_NAME}\s*[-\u2013\u2014|:]\s*)+", re.IGNORECASE),
        site_behind=re.compile(
            rf"(?:\s+[-\u2013\u2014|:/\u00b7\u2022\u00bb\u203a]+\s*{_NAME}\W*)+$", re.IGNORECASE
        ),
        # Shown with any article since March 2019; prints of it differ in spaces and marks.
        placeholder=Placeholder(
            start="us rep ilhan omar d mn l talks with speaker of the house nancy pelosi",
            # An ASCII letter but U before another ASCII character.
            other_start=re.compile(r"[0-9A-TV-Za-tv-z][\x00-\x7f]"),
            text=re.compile(
                r"US\W{1,3}Rep\W{1,3}Ilhan\W+Omar\W+D\W+MN\W+L\W+talks\W+with\W+Speaker\b.{0,400}?"
                r"(?:\(\s*AFP\s+photo\s*\)\W*|\n|$)",
                re.IGNORECASE | re.DOTALL,
            ),
        ),
    ),
    template_like=re.compile(
        r"partager cet article\W*|source ?: ?(?:french )?press ?tv\W*|abonnez-vous [àa] .*|suivez-nous .*"
        r"|t[ée]l[ée]charger\W*|regardez cette vid[ée]o.*|tv|(?:pic\.twitter\.com/\w+ ?)+",
        re.IGNORECASE,
    ),
    site=re.compile(r"\W*(?:french )?press ?tv\W*", re.IGNORECASE),
)  # fmt: skip
