"""The catalog's tables. Everything in them is derived from the log, but for `probed`: when the store was found safe.

What is long and comes again and again (addresses, keys, headers) stands once in `interned`, what a look came to once in
`results`; the views `captures` and `checks` put it together again.
"""

import json
from collections.abc import Iterable

VERSION = 12

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE commits (
    seq INTEGER PRIMARY KEY, digest TEXT NOT NULL, committed_at TEXT NOT NULL, crawl TEXT NOT NULL,
    batch TEXT, bytes INTEGER NOT NULL, summary TEXT NOT NULL
);
CREATE INDEX commits_of_batch ON commits (batch);
CREATE INDEX commits_of_crawl ON commits (crawl);
CREATE INDEX commits_at ON commits (committed_at);
CREATE INDEX commits_ended ON commits (seq) WHERE instr(summary, '"exit":');

-- A crawl is held while it is suspect (its newest commit says so) and nobody accepted it.
CREATE TABLE crawls (
    crawl TEXT PRIMARY KEY, suspect INTEGER NOT NULL DEFAULT 0, accepted INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX crawls_held ON crawls (crawl) WHERE suspect AND NOT accepted;

-- When a host was somebody else's, seized or parked (`takeovers.py`); `own` is 0 where a backfill said so.
CREATE TABLE taken_over (
    host TEXT NOT NULL, own INTEGER NOT NULL, after TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL, until TEXT,
    reason TEXT NOT NULL,
    PRIMARY KEY (host, own, first)
) WITHOUT ROWID;

-- How many of each there are, so that nobody counts.
CREATE TABLE counted (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;

-- What happened on each day of the outlet, in a section or ('') in all of the archive (`days.py`).
CREATE TABLE days (
    section TEXT NOT NULL, day TEXT NOT NULL, crawls INTEGER NOT NULL, looks INTEGER NOT NULL, found INTEGER NOT NULL,
    absent INTEGER NOT NULL, failed INTEGER NOT NULL, new INTEGER NOT NULL, edited INTEGER NOT NULL,
    silent INTEGER NOT NULL, removed INTEGER NOT NULL, restored INTEGER NOT NULL,
    PRIMARY KEY (section, day)
) WITHOUT ROWID;

-- How many articles a section has, by what `facets` says of them in flags.
CREATE TABLE tallies (
    section TEXT NOT NULL, flags INTEGER NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (section, flags)
) WITHOUT ROWID;

-- How many articles published on a day were first edited so many minutes later, be it silently; `traits.py` says what a
-- number below none is.
CREATE TABLE first_edits (
    day INTEGER NOT NULL, minutes INTEGER NOT NULL, silent INTEGER NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (day, minutes, silent)
) WITHOUT ROWID;

-- The sections that records name, in the order in which they were met.
CREATE TABLE sections (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

CREATE TABLE interned (number INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);

-- What the commits name, in their order.
CREATE TABLE segments (
    seq INTEGER NOT NULL, place INTEGER NOT NULL, kind TEXT NOT NULL, bytes INTEGER NOT NULL, lines INTEGER NOT NULL,
    sha256 TEXT NOT NULL, most INTEGER NOT NULL, key TEXT NOT NULL,
    PRIMARY KEY (seq, place)
) WITHOUT ROWID;

CREATE TABLE captured (
    address INTEGER NOT NULL, captured_at TEXT NOT NULL, payload TEXT NOT NULL, status INTEGER NOT NULL,
    segment INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL, revisit INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (address, captured_at, payload)
) WITHOUT ROWID;
CREATE VIEW captures AS
    SELECT a.text AS url, c.captured_at, c.payload, c.status, s.text AS segment, c.offset, c.length, c.revisit, c.seq
    FROM captured c JOIN interned a ON a.number = c.address JOIN interned s ON s.number = c.segment;

-- Here and in `results` `source` says whose capture or look it is; null is our own. `packed` is the record's JSON as
-- zlib has it (RFC 1950), `payload` and `version` are digests as `packing.short` gives them.
CREATE TABLE records (
    article_id INTEGER NOT NULL, captured_at TEXT NOT NULL, seq INTEGER NOT NULL, line INTEGER NOT NULL,
    address INTEGER NOT NULL, payload BLOB NOT NULL, revision INTEGER NOT NULL, version BLOB NOT NULL, source TEXT,
    packed BLOB NOT NULL
);
CREATE UNIQUE INDEX records_of_article ON records (article_id, captured_at, seq, line);

CREATE TABLE results (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL, status INTEGER,
    detail TEXT NOT NULL, source TEXT
);
CREATE INDEX results_by_words ON results (kind, outcome, status, reason, detail, source);

-- `stated` is what the header Last-Modified said at a look that found an article unchanged.
CREATE TABLE looks (
    seq INTEGER NOT NULL, line INTEGER NOT NULL, at TEXT NOT NULL, address INTEGER NOT NULL, article_id INTEGER,
    result INTEGER NOT NULL, confirms INTEGER, answered INTEGER, stated INTEGER,
    PRIMARY KEY (seq, line)
) WITHOUT ROWID;
CREATE INDEX looks_of_article ON looks (article_id) WHERE article_id IS NOT NULL;
CREATE VIEW checks AS
    SELECT l.seq, l.line, l.at, u.text AS url, l.article_id, r.kind, r.outcome, r.reason, r.status,
    c.text AS confirms, r.detail, a.text AS answered, r.source
    FROM looks l CROSS JOIN results r ON r.number = l.result CROSS JOIN interned u ON u.number = l.address
    LEFT JOIN interned c ON c.number = l.confirms LEFT JOIN interned a ON a.number = l.answered;

-- Our newest look at each address, and the newest that left a capture of its own (a redirect on the way is none; `kept`
-- is its address): what a conditional request and a comparison need. `confirms` is the record that the look read or
-- found unchanged, which a 304 to its validators confirms again. Of addresses that are no article's also the newest
-- answer.
CREATE TABLE pages (
    address INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, outcome TEXT NOT NULL, status INTEGER,
    payload BLOB, etag TEXT, last_modified TEXT, listed TEXT, proved_at TEXT, kept_at TEXT, kept INTEGER,
    confirms TEXT, onward TEXT, teasers TEXT, answered_at TEXT, answered INTEGER
);

-- Of each origin (`https://host`) the newest parity look, and the article addresses looked at last, newest first.
CREATE TABLE origins (origin TEXT PRIMARY KEY, mirrored_at TEXT, served TEXT NOT NULL) WITHOUT ROWID;

-- An article listed in a section; known once a complete walk of that section has seen it.
CREATE TABLE placements (
    section TEXT NOT NULL, article_id INTEGER NOT NULL, crawl TEXT NOT NULL, known INTEGER NOT NULL,
    PRIMARY KEY (section, article_id)
) WITHOUT ROWID;
CREATE INDEX placements_unknown ON placements (section, crawl) WHERE NOT known;

CREATE TABLE walks (
    section TEXT PRIMARY KEY, seq INTEGER NOT NULL, crawl TEXT NOT NULL, at TEXT NOT NULL,
    complete INTEGER NOT NULL, pages INTEGER NOT NULL
) WITHOUT ROWID;

-- How far the deep walk of each section is, as the newest commit that names it says.
CREATE TABLE deep_walks (
    section TEXT PRIMARY KEY, begun TEXT NOT NULL, page INTEGER NOT NULL, url TEXT, ended TEXT NOT NULL
) WITHOUT ROWID;

-- A text under which a listing linked to an article, as long as it stood at its spot of the page; `sights` are
-- [instant, commit] of the first two looks and the last two. Of the look that saw it first: how many of the listing's
-- articles had stood there before (`compared`), how many of these had another text now, and its commit (`begun`).
CREATE TABLE teasers (
    article_id INTEGER NOT NULL, host TEXT NOT NULL, section TEXT NOT NULL, spot TEXT NOT NULL, first_at TEXT NOT NULL,
    text TEXT NOT NULL, revision INTEGER NOT NULL, sights TEXT NOT NULL,
    compared INTEGER NOT NULL DEFAULT 0, changed INTEGER NOT NULL DEFAULT 0, begun INTEGER NOT NULL,
    PRIMARY KEY (article_id, host, section, spot, first_at, text)
) WITHOUT ROWID;
CREATE INDEX teasers_begun ON teasers (begun);
-- The same sums over all listings of a crawl.
CREATE TABLE turns (
    crawl TEXT PRIMARY KEY, compared INTEGER NOT NULL, changed INTEGER NOT NULL
) WITHOUT ROWID;

-- An article's row is also what the fold goes on from: `hosts` are those that its looks saw it on, null where new looks
-- can't be added to the row, and it is made anew from all; `absent_from` is the look with which it began to be away.
CREATE TABLE articles (
    article_id INTEGER PRIMARY KEY, url TEXT NOT NULL, state TEXT NOT NULL, headline TEXT NOT NULL, published TEXT,
    first_seen TEXT NOT NULL, last_seen TEXT, last_look TEXT NOT NULL, last_outcome TEXT NOT NULL,
    versions INTEGER NOT NULL, edited_at TEXT, latest TEXT, state_source TEXT, due_at TEXT NOT NULL, absent_from TEXT,
    hosts TEXT
);
CREATE INDEX articles_due ON articles (due_at);
CREATE INDEX articles_latest ON articles (latest) WHERE latest IS NOT NULL;
CREATE INDEX articles_found ON articles (first_seen);
CREATE INDEX articles_absent ON articles (absent_from) WHERE absent_from IS NOT NULL;
CREATE INDEX articles_often ON articles (versions) WHERE versions > 1;

-- The removals of an article that are believed: the first look that found nothing, and the sight that ended it.
CREATE TABLE away (
    article_id INTEGER NOT NULL, at TEXT NOT NULL, ended TEXT,
    PRIMARY KEY (article_id, at)
) WITHOUT ROWID;
CREATE INDEX away_ended ON away (ended) WHERE ended IS NOT NULL;

-- The same of what we saw ourselves, for articles of which others captured something.
CREATE TABLE own (
    article_id INTEGER PRIMARY KEY, url TEXT NOT NULL, state TEXT NOT NULL, headline TEXT NOT NULL, published TEXT,
    first_seen TEXT NOT NULL, last_seen TEXT, last_look TEXT NOT NULL, last_outcome TEXT NOT NULL,
    versions INTEGER NOT NULL, edited_at TEXT, latest TEXT, state_source TEXT, due_at TEXT NOT NULL, absent_from TEXT,
    hosts TEXT
);
CREATE INDEX own_due ON own (due_at);
CREATE INDEX own_latest ON own (latest) WHERE latest IS NOT NULL;

-- The first commit that told anything of an article, and the last with which what is told of it may have become another
-- (`touched.py`).
CREATE TABLE touched (
    article_id INTEGER PRIMARY KEY, first_seq INTEGER NOT NULL, seq INTEGER NOT NULL
);
CREATE INDEX touched_by ON touched (seq);

-- A version begins at `captured_at`: where a look of ours found an earlier capture's text again, the record is that
-- capture's, of `record_at`.
CREATE TABLE versions (
    article_id INTEGER NOT NULL, number INTEGER NOT NULL, captured_at TEXT NOT NULL, record_at TEXT NOT NULL,
    seq INTEGER NOT NULL, line INTEGER NOT NULL, last_at TEXT NOT NULL, last_seq INTEGER NOT NULL,
    last_line INTEGER NOT NULL, seen_seq INTEGER NOT NULL,
    PRIMARY KEY (article_id, number)
) WITHOUT ROWID;

-- What changed from one capture to the next beside the versions: images, layouts, what mirrors say.
CREATE TABLE shifts (
    article_id INTEGER NOT NULL, at TEXT NOT NULL, kind TEXT NOT NULL, from_at TEXT NOT NULL, seq INTEGER NOT NULL,
    detail TEXT NOT NULL, source TEXT,
    PRIMARY KEY (article_id, at, kind)
) WITHOUT ROWID;

-- `edited` is 0 where only what rotates differs, which nobody edited; what is silent is edited.
CREATE TABLE changes (
    article_id INTEGER NOT NULL, number INTEGER NOT NULL, from_at TEXT NOT NULL, to_at TEXT NOT NULL,
    seq INTEGER NOT NULL, silent INTEGER NOT NULL, edited INTEGER NOT NULL, json TEXT NOT NULL,
    PRIMARY KEY (article_id, number)
) WITHOUT ROWID;
CREATE INDEX changes_by ON changes (seq);
CREATE INDEX changes_edited ON changes (to_at) WHERE edited;
CREATE INDEX changes_silent ON changes (to_at) WHERE silent;

-- What crawls found of many articles, by their last commits' summaries: spots that rotate, clocks that run (or stand
-- again), texts that changed alike. `own` is 0 of a spot that a backfill found.
CREATE TABLE spots (
    article_id INTEGER NOT NULL, layout TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, own INTEGER NOT NULL,
    PRIMARY KEY (article_id, layout, kind, text, own)
) WITHOUT ROWID;
CREATE INDEX spots_of_layout ON spots (layout, kind, text, own);

CREATE TABLE running (
    host TEXT NOT NULL, clock TEXT NOT NULL, seq INTEGER NOT NULL, crawl TEXT NOT NULL, since TEXT NOT NULL,
    runs INTEGER NOT NULL,
    PRIMARY KEY (host, clock, seq)
) WITHOUT ROWID;

CREATE TABLE alike (
    article_id INTEGER NOT NULL, crawl TEXT NOT NULL, detail TEXT NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (article_id, crawl, detail)
) WITHOUT ROWID;
"""

# They stand apart: what pages search and count by is added here.
_SEARCHED = """
-- In the form in which words are searched (`archive/texts/wordforms.py`), without the texts: what is shown comes from
-- the record, and so does what is taken out of the index again.
CREATE VIRTUAL TABLE texts USING fts5 (
    headline, body, content = '', tokenize = "unicode61 remove_diacritics 2"
);
-- What later versions lack: the sentence it stood in, and the very words; the row's number is of
-- the article and the version (`articles.MOST_VERSIONS`).
CREATE VIRTUAL TABLE taken_out USING fts5 (
    sentences, words, content = '', tokenize = "unicode61 remove_diacritics 2"
);

-- The words of all records, by their search form; `written` is the word as it stands there, in small letters, empty
-- where that is the form itself (`words.py`).
CREATE TABLE words (
    form TEXT NOT NULL, written TEXT NOT NULL,
    PRIMARY KEY (form, written)
) WITHOUT ROWID;

-- What an article is found and counted by beside its words, in a narrow row. `day` is that of its publication in the
-- outlet's zone (20261124, 0 for none), `sections` numbers parted by spaces and `layout` a number of `interned`, both
-- of its newest record, `flags` what `traits.py` says, `edited` the minutes from its publication to its first edit.
CREATE TABLE facets (
    article_id INTEGER PRIMARY KEY, day INTEGER NOT NULL, layout INTEGER NOT NULL, flags INTEGER NOT NULL,
    sections TEXT NOT NULL, edited INTEGER
);
"""

TABLES = _TABLES + _SEARCHED

PROBES = "CREATE TABLE IF NOT EXISTS probed (place TEXT PRIMARY KEY, at TEXT NOT NULL)"
KEPT = ("probed",)

MEMBER = "IN (SELECT value FROM json_each(?))"
"""Of a closed set that is bound as `members` gives it: SQL names no outcome itself."""


def members(words: Iterable[str]) -> str:
    """Return a closed set of words as the JSON array that `MEMBER` asks for."""
    return json.dumps(sorted(words))
