"""What a command asks SQLite of its catalog, and which tables that reads from end to end.

`listening` gives what goes before the program of a command (`Project.run_by`): it writes down each statement that the
catalog is sent, once.
"""

import json
import re

GROWING = frozenset(
    {
        "articles", "own", "looks", "captured", "records", "versions", "changes", "shifts", "placements", "commits",
        "segments", "interned", "pages", "touched", "teasers", "turns", "crawls", "spots", "alike", "facets", "away",
        "first_edits", "days",
    }
)  # fmt: skip
"""The tables that have more rows with more articles, looks, crawls or commits."""
_LISTENING = """
import json, sqlite3
from tests.statements import form
seen, connect = set(), sqlite3.connect

def listen(sql):
    if form(sql) not in seen:
        seen.add(form(sql))
        with open({path!r}, "a", encoding="utf-8") as file:
            file.write(json.dumps(sql) + chr(10))

def connected(place, *args, **more):
    db = connect(place, *args, **more)
    if "catalog.sqlite" in str(place):
        db.set_trace_callback(listen)
    return db

sqlite3.connect = connected
"""
_VALUE = re.compile(r"'(?:[^']|'')*'|\??\b\d+\b")
_ASKING = ("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")
_NAMED = re.compile(
    r"\b(?:FROM|JOIN)\s+(\w+)(?:\s+(?:AS\s+)?(?!JOIN|LEFT|CROSS|WHERE|ORDER|GROUP|ON|LIMIT|UNION)(\w+))?"
)
# A range of a table's own key is as long as the table where nothing ends it.
_WALK = re.compile(r"(?:SCAN (?!\()|SEARCH (?=\w+ USING (?:INTEGER )?PRIMARY KEY \(\w+[<>]\?\)))(\w+)(.*)")


def listening(path):
    """Return a program's beginning that has its catalog's statements written to a file."""
    return _LISTENING.format(path=str(path))


def form(sql):
    """Return a statement without what is asked for in it: texts and numbers."""
    return " ".join(_VALUE.sub("?", sql).split())


def statements(path):
    """Return form → statement of those in a file that read or write rows."""
    told = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {form(sql): sql for sql in told if sql.startswith(_ASKING)}


def walked(db, sql):
    """Return the growing tables that a statement reads from end to end.

    None of them is one that it reads in an index's order until it has enough rows, or by an index of some rows alone.
    """
    made = [row[0] for row in db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")]
    partial = {text.split()[2] for text in made if text.startswith("CREATE INDEX") and " WHERE " in text}
    views = [text for text in made if text.startswith("CREATE VIEW")]
    names = {short: table for text in (*views, sql) for table, short in _NAMED.findall(text) if short}
    plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}")]
    steps = [found for step in plan if (found := _WALK.match(step))]
    whole = {step[1] for step in steps if step[2].rpartition(" INDEX ")[2] not in partial}
    enough = "LIMIT" in sql and not any("TEMP B-TREE FOR ORDER BY" in step for step in plan)
    return set() if enough else {names.get(name, name) for name in whole} & GROWING
