"""What pages call the boxes beside an article, in class and id: each word once, put together for each asker.

Words are pieces of a regular expression; `-?` stands where some join two words and others part them.
"""

import re

SIDE = (
    "menu", "nav", "navbar", "sidebar", "side", "aside", "latest", "trending", "most-?read", "popular", "footer",
    "related",
)  # fmt: skip
"""Boxes beside what the page is about, on any page."""
BESIDE_ARTICLE = (
    "navigation", "widgets?", "pagination", "pager", "toolbar", "cookies?", "popup", "modal", "tags?", "keywords",
    "author-box", "banner", "top-?bar", "skip-?link", r"related\w+", "recommended", "more-?news", "also",
)  # fmt: skip
"""On an article's page; a listing may hold its own articles in such a box."""
BESIDE_LISTING = ("most-?viewed", "ticker", "breaking", "carousel-?side")
RELATED = (
    "related", "read-?more", "lire-?aussi", "a-?lire", "voir-?aussi", "see-?also", "recommended", "recommandations?",
    "liens?-?utiles",
)  # fmt: skip
"""Links to other articles, inside an article's text as well: these are kept, as a field of their own."""
SHARE = (
    "share", "sharing", "partage", "partager", "social", "socials", "newsletter", "subscribe",
    "addtoany", "sharethis", "advert", "advertisement", "ads?", "publicite", "sponsored",
)  # fmt: skip
"""What asks the reader to do something, and advertisements."""
TALK = ("comments?", "commentaires?")
"""What readers say."""


CONSENT = (
    r"\w*cookies?\w*", r"\w*consent\w*", r"\w*gdpr\w*", "rgpd", "ccpa", r"onetrust\w*", r"didomi\w*", r"usercentrics\w*",
    r"cmp-?(?:box|wrapper|container|ui)?\d*", r"sp_message\w*", r"tarteaucitron\w*", r"axeptio\w*", r"iubenda\w*", r"truste\w*", r"privacy-?manager",
)  # fmt: skip
"""What asks for the reader's consent, by the makers of such boxes too."""


def called(*words: str) -> re.Pattern[str]:
    """Return the pattern that finds one of the words whole in a class or id; blanks, `-` and `_` part words."""
    return re.compile(rf"(?:^|[\s_-])(?:{'|'.join(words)})(?:$|[\s_-])", re.IGNORECASE)
