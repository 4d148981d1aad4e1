"""Stored HTML made quiet for a frame that lets nothing run or load anyway: a browser finds nothing to complain of.

What keeps it harmless is the frame's policy (`browse.pages.stored`); this only takes away what the policy would refuse.
"""

import re

_SCRIPT = re.compile(r"<script\b.*?(?:</script[^>]*>?|\Z)", re.IGNORECASE | re.DOTALL)
# A link element may reach out (preconnect) past any policy; a refresh or a base leads elsewhere.
_REACHING = re.compile(
    r"<\s{0,9}/?\s{0,9}(?:link|base|meta|script|iframe|frame|object|embed|form)\b[^>]*>?", re.IGNORECASE
)
_TAG = re.compile(r"<[a-z][^>]*", re.IGNORECASE)
_LEADING = re.compile(
    r"(?<=[\s\"'/])(?:href|ping|target|src|srcset|poster|background|data|action|formaction|xlink:href|style|on[a-z]{3,20})"
    r"(?=\s{0,9}=)|(?<=\s)autofocus\b",
    re.IGNORECASE,
)
_STYLE = re.compile(r"<style\b.*?(?:</style|\Z)", re.IGNORECASE | re.DOTALL)
_ASKING = re.compile(r"@import|url\s{0,9}\(|image-set", re.IGNORECASE)


def quieted(html: str) -> str:
    """Return stored HTML without scripts, and without what would load, lead or send anything. Linear in its length."""
    still = _REACHING.sub("", _SCRIPT.sub("", html))
    unled = _TAG.sub(lambda tag: _LEADING.sub("data-was", tag[0]), still)
    return _STYLE.sub(lambda style: _ASKING.sub("was", style[0]), unled)
