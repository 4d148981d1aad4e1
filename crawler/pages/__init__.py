"""Step 3, read: a capture in, an article out, or why there is none.

The same function reads in a crawl, a replay and a backfill; it depends on the capture and REVISION alone. Layouts of
the outlet come first, then the page's own metadata, then a generic reading; each field falls back by itself and
`sources` says which strategy gave it.
"""

from crawler.pages.reading import REVISION, Reading, read

__all__ = ["REVISION", "Reading", "read"]
