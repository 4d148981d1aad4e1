"""Press TV's English edition, www.presstv.ir. What is known of it is less than of the French one (docs/outlet.md)."""

import re
from datetime import UTC, datetime

from archive.languages.english import ENGLISH
from crawler.editions.edition import Edition, Section
from pipelines.template import Template

_NAME = r"press\s?tv"

PRESSTV_EN = Edition(
    name="presstv-en",
    language="en",
    zone="Asia/Tehran",
    began=datetime(2007, 1, 1, tzinfo=UTC),
    # `DC.Date.Created` is written as in the United States.
    month_first=("dc.date",),
    hosts=(
        "www.presstv.ir",
        "presstv.ir",
        "www.presstv.co.uk",
        "presstv.co.uk",
        "www.presstv.com",
        "presstv.com",
        "www.presstv.tv",
        "presstv.tv",
    ),
    aliases=(),
    # Below /DetailFr/ lies the French edition.
    shared={"www.presstv.com": "/Detail/", "presstv.com": "/Detail/"},
    article=re.compile(
        r"/(?:Detail|Video)/([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})/([1-9][0-9]{0,11})(?:/|$)", re.IGNORECASE
    ),
    feed_path="/rss.xml",
    sections=(
        Section(key="latest-news", name="Latest", fallback_id=13013),
        Section(key="iran", name="Iran", fallback_id=101),
        Section(key="politics", name="Politics", fallback_id=10101),
        Section(key="economy", name="Economy", fallback_id=10102),
        Section(key="west-asia", name="West Asia", fallback_id=102),
        Section(key="us", name="US", fallback_id=103),
        Section(key="asia-pacific", name="Asia-Pacific", fallback_id=104),
        Section(key="africa", name="Africa", fallback_id=105),
        Section(key="europe", name="Europe", fallback_id=106),
        Section(key="americas", name="Americas", fallback_id=107),
    ),
    default_sections=("latest-news", "iran", "west-asia"),
    home_names=frozenset({"home", "press tv"}),
    side_names=frozenset({
        "latest", "latest news", "breaking news", "most read", "most viewed", "most popular", "related",
        "related articles", "related stories", "read also", "see also", "editor s choice", "live",
    }),
    template=Template(
        lines=re.compile(
            rf"""TV
            |{_NAME}
            |share\s+this\s+(?:article|story|page)\W*
            |advertisements?
            |download\W*
            |watch\s+this\s+video\s+on\s+youtube\W*
            |(?:subscribe\s+to|join)\s+our\s+telegram\s+channel\b.{{0,120}}
            |(?:pic\.twitter\.com/\w+\s*)+""",
            re.IGNORECASE | re.VERBOSE | re.DOTALL,
        ),
        source_line=re.compile(rf"SOURCE\s*:\s*{_NAME}\W*", re.IGNORECASE),
        related=ENGLISH.related,
        article_link=re.compile(r"/(?:Detail|Video)/[0-9]{4}/", re.IGNORECASE),
        site=re.compile(rf"(?:{_NAME}|tv)\W*", re.IGNORECASE),
        site_before=re.compile(rf"^(?:{_NAME}\s*[-\u2013\u2014|:]\s*)+", re.IGNORECASE),
        site_behind=re.compile(rf"(?:\s+[-\u2013\u2014|:/\u00b7\u2022\u00bb\u203a]+\s*{_NAME}\W*)+$", re.IGNORECASE),
    ),
    template_like=re.compile(
        r"share this (?:article|story|page)\W*|source ?: ?press ?tv\W*|(?:subscribe to|join|follow) (?:our|us) .*"
        r"|download\W*|watch this video.*|tv|(?:pic\.twitter\.com/\w+ ?)+",
        re.IGNORECASE,
    ),
    site=re.compile(r"\W*press ?tv\W*", re.IGNORECASE),
)  # fmt: skip
