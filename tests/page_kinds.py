"""Every kind of page, under the route that makes it, with addresses at which an archive shows it with data.

Places in braces are those of the archive that is asked: `at` fills them in.
"""

KINDS = {
    "/": ("/?since={since}",),
    "/list/{list:list}": ("/list/silent?since={since}", "/list/gone?since={since}"),
    "/sections": ("/sections",),
    "/sections/{key:key}": ("/sections/une",),
    "/sections/{key:key}/ranks": ("/sections/une/ranks?since={since}&until={until}&a={article}",),
    "/search": ("/search?q={word}", "/search?q={lost}&removed=1", "/search"),
    "/a/{version:version}": ("/a/{article}", "/a/{gone}", "/a/{unread}"),
    "/a/{number:number}/diff/{old:side}..{new:side}": (
        "/a/{article}/diff/1..2", "/a/{article}/diff/1..2?view=inline&all=1",
    ),
    "/a/{version:version}/page": ("/a/{article}/page",),
    "/cite": ("/cite", "/cite?text=rien"),
    "/cite/{keys:cites}": ("/cite/{keys}",),
    "/url": ("/url",),
    "/figures": ("/figures?since={since}",),
    "/coverage": ("/coverage",),
    "/status": ("/status",),
    "/about": ("/about",),
}  # fmt: skip
NOT_THERE = ("/a/999999", "/search?q=-x", "/search?q=introuvable", "/list/back?since={until}")
"""Those of what is not there or can't be answered, and of nothing."""


def at(**places):
    """Return every address, filled in with the places of an archive."""
    return [each.format(**places) for each in (*(path for paths in KINDS.values() for path in paths), *NOT_THERE)]
