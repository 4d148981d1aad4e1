"""The documentation is held against the code: what is missing from it, or no longer true, fails here."""

import argparse
import gzip
import importlib
import importlib.util
import json
import os
import re
import subprocess
import sys
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import pytest

from archive import errors
from archive.catalog import articles
from archive.catalog.selection import Selection
from archive.catalog.takeovers import TakenOver
from archive.exporters.views import VIEWS
from archive.facts.canonical import digest
from archive.facts.forms import comparison_form
from archive.facts.items import Check
from archive.facts.names import commit_key
from archive.facts.outcomes import EVENTS, OUTCOMES, REASONS
from archive.facts.teasers import Teaser
from archive.languages.language import Language
from archive.log.batch import check_line
from archive.log.chain import Log
from archive.stores.opening import open_store
from archive.texts.spots import AlikeFields, SpotFields
from archive.warc import warc
from crawler.backfill.sources import Provenance
from crawler.cli import pages as written
from crawler.cli.formats import FORMATS
from crawler.crawl.brake import Brake
from crawler.crawl.ledger import Ledger
from crawler.crawl.plan import ARGUMENTS
from crawler.editions.edition import Edition, Section
from crawler.editions.presstv_fr import PRESSTV_FR
from crawler.pages.page import Page
from demo.server import serve
from settings.base import OURS
from tests import told
from tests.alone import other_pages, two_sites
from tests.browsing import needs_browser
from tests.facts import folded
from tests.french import open_archive
from tests.stepped import faketime
from tests.written import broken, found_by_browser

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
COMMANDS = sorted(path.stem for path in (ROOT / "crawler" / "commands").glob("[a-z]*.py"))
CODES = sorted(
    {kind for kind in vars(errors).values() if isinstance(kind, type) and "exit_code" in vars(kind)},
    key=lambda kind: kind.exit_code,
)
SETTINGS = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": 0,
    "LOG_LEVEL": "ERROR",
}


READING = frozenset({"crawl", "status", "history", "show", "diff", "search", "export", "verify", "head", "layouts"})
READING |= {"gc", "schedule", "prove"}
OTHER_STATES = ("scrapy accept", "scrapy replay", "scrapy backfill")
DIFF = "scrapy diff 711958 --json"
JSON_LINES = [
    f"scrapy {words} --json"
    for words in (
        "status", "history 711958", "layouts", "layouts --recurring --articles 1 --days 1", "search ferry", "verify",
        "head", "gc", "version", "crawl --dry-run presstv", "schedule --list", "doctor --offline", "replay",
    )
]  # fmt: skip


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def section(page, heading):
    """Return what stands under a heading, up to the next one of any depth."""
    found = re.search(rf"^(#+) {re.escape(heading)}$(.*?)(?=^#{{1,}} |\Z)", page, re.MULTILINE | re.DOTALL)
    assert found, f"no heading {heading!r}"
    return found[2]


def rows(part):
    """Return each table row's cells, less escapes of the bar."""
    lines = (line.replace("\\|", "¦") for line in part.splitlines() if line.startswith("| "))
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]


def keys(value, free):
    """Return every name in a JSON document at any depth; `free` are maps whose names are data."""
    if isinstance(value, list):
        return set().union(*(keys(each, free) for each in value))
    if not isinstance(value, dict):
        return set()
    inner = (
        keys(list(each.values()) if name == "sections" and isinstance(each, dict) else each, free)
        for name, each in value.items()
        if name not in free
    )
    return (set(value) - {"schema"}).union(*inner)


JSON_ROWS = {
    row[0].replace("`", ""): row[2].split("`")[1]
    for row in rows(section(text("docs/commands.md"), "JSON documents"))[1:]
    if "`" in row[2]
}


def outer(told):
    """Return the names of a row's own fields, what stands in brackets behind them left out."""
    while (less := re.sub(r"\{[^{}]*\}|\[[^\[\]]*\]", "", told)) != told:
        told = less
    return set(re.findall(r"[a-z_]+", told))


def names(part):
    """Return every name that stands in backticks in a part."""
    return {name for ticked in re.findall(r"`([^`\n]+)`", part) for name in re.findall(r"[a-z][a-z0-9_]*", ticked)}


def anchors(page):
    """Return the anchors of a page's headings, as GitHub makes them."""
    bare = re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL)
    heads = re.findall(r"^#+ (.+)$", bare, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def shown():
    """Yield (page, command line, output) that the story can repeat: those of other archives and of a head are not."""
    for name, page in told.pages().items():
        for heading in OTHER_STATES:
            page = page.replace(section(page, heading), "\n") if f"## {heading}\n" in page else page  # noqa: PLW2901
        for line, output in told.blocks(page):
            if line.split()[1] in READING and not re.search("sha256:| -s | --sample ", line):
                yield name, line, output


SHOWN = list(shown())


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """Crawl the demo outlet, let it edit an article, look at that one again; return the archive, opened."""
    folder = tmp_path_factory.mktemp("docs")
    places = {
        "ARCHIVE_URI": f"file:{folder}/archive",
        "CATALOG_PATH": folder / "catalog.sqlite",
        "SPOOL_DIR": folder / "spool",
    }
    options = [part for name, value in {**SETTINGS, **places}.items() for part in ("-s", f"{name}={value}")]
    with serve() as server:
        words = [sys.executable, "-m", "scrapy", "crawl", *options, "-a", f"outlet={server.url}", "presstv"]
        for more in ([], ["-a", "ids=711958"]):
            env = {**os.environ, "PYTHONPATH": str(ROOT)}
            done = subprocess.run(
                [*words, *more], cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=120
            )
            assert done.returncode == 0, done.stderr
            server.outlet.edit("711958", open=False, lead="« Un chapeau »\u00a0changé  en silence : 14.000.")
    opened = open_archive(places["ARCHIVE_URI"], places["CATALOG_PATH"])
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def snippet():
    """Run the Python of DATA_FORMAT.md and return its names."""
    found = {}
    for code in re.findall(r"^```python\n(.*?)^```", text("DATA_FORMAT.md"), re.MULTILINE | re.DOTALL):
        exec(code, found)
    return found


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """Tell the story of the documentation's outputs, then run each reading command that a page shows."""
    if faketime() is None:
        pytest.skip("needs libfaketime (apt-get install faketime)")
    story = told.Told(tmp_path_factory.mktemp("told"))
    story.tell()
    story.ask(*dict.fromkeys(shown[1] for shown in SHOWN if shown[1].split()[1] != "crawl"), *JSON_LINES, DIFF)
    return story


def records(archive):
    return list(VIEWS["versions"](archive, Selection()))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name):
    """Each command file has a section in docs/commands.md that names each of its own options."""
    part = section(text("docs/commands.md"), f"scrapy {name}")
    parser = argparse.ArgumentParser(add_help=False)
    importlib.import_module(f"crawler.commands.{name}").Command().options(parser)
    options = {option for action in parser._actions for option in action.option_strings}

    assert {option for option in options if f"`{option}" not in part} == set()


def test_every_documented_command_exists():
    """Docs/commands.md has no section of a command that is not there."""
    told = re.findall(r"^## scrapy (\S+)$", text("docs/commands.md"), re.MULTILINE)

    assert sorted(told) == COMMANDS


def test_crawl_arguments_views_and_formats_are_documented():
    """Each `-a` argument, each view and each export format is named in its command's section."""
    page = text("docs/commands.md")
    crawl, export = section(page, "scrapy crawl"), section(page, "scrapy export")

    assert {name for name in ARGUMENTS if f"`{name}=" not in crawl} == set()
    assert {name for name in VIEWS if f"`{name}`" not in export} == set()
    assert {name for name in FORMATS if name not in export} == set()


def test_the_table_of_formats_is_the_codes():
    """Each export format has one row: its views in their order, and its own options with their defaults."""
    told = {row[0].strip("`"): row[1:3] for row in rows(section(text("docs/commands.md"), "scrapy export"))}
    formats = {
        name: [
            ", ".join(f"`{view}`" for view in each.views),
            ", ".join(f"`--{option.name} {option.metavar}` (`{option.default}`)" for option in each.options) or "none",
        ]
        for name, each in FORMATS.items()
    }

    assert {name: told.get(name) for name in formats} == formats


@pytest.mark.parametrize(("name", "default"), OURS.items(), ids=list(OURS))
def test_every_setting_is_documented_with_its_default(name, default):
    """Each of our settings has one row in the table, and its default is the code's."""
    cells = [row for row in rows(section(text("docs/commands.md"), "Settings")) if row[0] == f"`{name}`"]

    assert [row[1] for row in cells] == [f"`{default}`" if default != "" else "empty"]


def test_the_short_table_of_settings_is_true():
    """Each setting in README's table is one of ours; its default is the code's, or told in words."""
    told = {row[0].strip("`"): row[1] for row in rows(section(text("README.md"), "Settings"))[1:]}
    short = {name: value for name, value in told.items() if name != "SCHEDULE"}

    assert "ARCHIVE_URI" in told
    assert set(told) <= set(OURS)
    assert short == {name: f"`{OURS[name]}`" if OURS[name] != "" else "empty" for name in short}


@pytest.mark.parametrize("kind", CODES, ids=lambda kind: kind.__name__)
def test_every_exit_code_is_documented(kind):
    """Each class of error with a code of its own stands in the table beside that code."""
    table = {row[0].strip("`"): row for row in rows(section(text("docs/commands.md"), "Exit codes"))}

    assert kind.__name__ in table[str(kind.exit_code)][2]


def test_every_reason_is_documented():
    """Each word of the closed set stands in the paragraph on reasons."""
    told = section(text("DATA_FORMAT.md"), "Check").partition("The **reasons**")[2].partition("\n\n")[0]

    assert REASONS - {""} <= names(told)


@pytest.mark.parametrize("outcome", sorted(OUTCOMES))
def test_every_outcome_is_documented(outcome):
    """Each outcome of the closed set is in the table, and `not seen` says that a crawl ends with 3 for it."""
    table = {name: row[-1] for row in rows(section(text("DATA_FORMAT.md"), "Check")) for name in names(row[0])}
    ledger = Ledger()
    ledger.schedule("http://outlet.test/a", "article")
    ledger.end("http://outlet.test/a", outcome)

    assert table[outcome] == ("not seen" if ledger.exit_code() == 3 else "seen")


def test_every_field_of_a_record_is_documented(crawled):
    """Each field that a record holds, at any depth, is named in DATA_FORMAT.md's section."""
    told = names(section(text("DATA_FORMAT.md"), "Record"))
    held = set()
    for record in records(crawled):
        held |= set(record) | set(record["capture"]) | set(record["capture"]["http"]) | set(record["extraction"])
        held |= set(record["digests"]) | {name for m in ("published", "modified") for name in record[m] or ()}
        held |= {name for part in ("captions", "related") for entry in record[part] for name in entry}
    beside = names(section(text("DATA_FORMAT.md"), "View latest")) | names(
        section(text("DATA_FORMAT.md"), "Export views")
    )

    assert held - beside - told == set()


def test_a_record_is_never_short_of_a_field(crawled):
    """All records have the same fields, as DATA_FORMAT.md promises."""
    assert len({frozenset(record) for record in records(crawled)}) == 1


def test_every_field_of_a_check_is_documented():
    """Each field that a check line can hold is named in DATA_FORMAT.md's section."""
    lists = {"listed": ("1",), "teasers": (Teaser(text="1"),)}
    whole = {field.name: lists.get(field.name, "1") for field in fields(Check)}
    line = check_line(Check(**whole | {"at": datetime(2026, 11, 24, tzinfo=UTC)}))

    assert set(line) == {field.name for field in fields(Check)}
    assert set(line) - names(section(text("DATA_FORMAT.md"), "Check")) == set()


@pytest.mark.parametrize("view", VIEWS)
def test_every_field_of_a_view_is_documented(crawled, view):
    """Each field of each row that a view gives is named in its section, or in that of what it is made of."""
    page = text("DATA_FORMAT.md")
    beside = {
        "latest": ("Record",), "versions": ("Record", "View latest"), "checks": ("Check",), "records": ("Record",),
    }.get(view, ())  # fmt: skip
    told = set().union(*(names(section(page, heading)) for heading in ("Export views", f"View {view}", *beside)))
    given = list(VIEWS[view](crawled, Selection()))

    assert given
    assert {name for row in given for name in row} - told == set()
    if view == "changes":
        assert {name for row in given for inner in (row["counts"], *row["reworded"]) for name in inner} - told == set()


def test_events_are_documented_as_they_are_told():
    """The table of events names each of the closed set once and nothing else; remarks stand with the command."""
    table = section(text("DATA_FORMAT.md"), "View events").partition("| event | what happened |")[2]
    history = section(text("docs/commands.md"), "scrapy history")

    assert sorted(row[0].strip("`") for row in rows(table)) == sorted(EVENTS)
    assert {
        name
        for name in ("not_found", "waits", "layout", "not_observed", "teaser_rotates")
        if f"`{name}`" not in history
    } == set()


def test_what_a_commit_says_of_brake_learned_and_source_is_documented():
    """Each entry of a suspect crawl's report, of what was learned, and of the source of others' captures is named."""
    page = text("DATA_FORMAT.md")
    source = Provenance(name="a", sha256="b", operator="c", software="d").fields()
    reasons = {"suspect", "brake", "accept", "replay", "backfill", "adopted", "sitemaps", "passed_over", "learned"}
    learned = {*TakenOver.__annotations__, *SpotFields.__annotations__, *AlikeFields.__annotations__, "clocks", "since"}
    learned |= {"taken_over", "rotating", "running", "alike"}

    assert (set(Brake().report()) | reasons) - names(section(page, "Commit")) == set()
    assert learned - names(section(page, "What was learned")) == set()
    assert set(source) - names(section(page, "Capture source")) == set()


def test_every_field_of_a_commit_and_the_index_is_documented(crawled):
    """Commits, segments, summaries, archive.json and index lines hold nothing that DATA_FORMAT.md does not name."""
    page = text("DATA_FORMAT.md")
    commits = [json.loads(commit.data) for commit in crawled.log.after()]
    held = {name for commit in commits for part in (commit, commit["summary"], commit["writer"]) for name in part}
    held |= {name for commit in commits for segment in commit["segments"] for name in segment}
    held |= {name for c in commits for walk in c["summary"].get("sections", {}).values() for name in walk}
    index = next(s["key"] for s in commits[0]["segments"] if s["kind"] == "index")
    line = gzip.decompress(crawled.store.get(index)).splitlines()[0]

    assert held - names(section(page, "Commit")) == set()
    assert set(crawled.log.description()) - names(section(page, "archive.json")) == set()
    assert set(json.loads(line.split(b" ", 2)[2])) - names(section(page, "Index (CDXJ)")) == set()


def test_the_snippet_recomputes_the_digests_of_real_records(crawled, snippet):
    """The standard-library code of DATA_FORMAT.md gives each record's digests, the payload's from its WARC."""
    found = records(crawled)
    place = crawled.store.uri.removeprefix("file:")
    stated = [record["digests"] for record in found]

    assert any("\u00a0" in json.dumps(record, ensure_ascii=False) for record in found)
    assert [snippet["digests"](r) | {"payload": snippet["payload"](place, r)} for r in found] == stated


def test_the_worked_example_is_right(snippet):
    """The digests printed in DATA_FORMAT.md are those of its example."""
    part = section(text("DATA_FORMAT.md"), "Digests")
    example = json.loads(re.search(r"```json\n(.*?)```", part, re.DOTALL)[1])
    printed = dict(re.findall(r"^(headline|text|version) +(sha256:\S+)$", part, re.MULTILINE))
    identity = re.search(r'^\{"body".*$', part, re.MULTILINE)[0]

    assert snippet["digests"](example) == printed
    assert digest(identity.encode()) == printed["version"]


def test_the_snippet_folds_every_character_as_the_code_does(snippet):
    """The comparison form of DATA_FORMAT.md and ours agree on each character of Unicode, surrogates left out."""
    every = [f"a{chr(c)}b" for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]

    assert [t for t in every if snippet["plain"](t) != comparison_form(t)] == []


@pytest.mark.parametrize("kind", [Edition, Language, Section], ids=lambda kind: kind.__name__)
def test_every_field_of_an_edition_is_documented(kind):
    """Whoever describes an edition finds each field that its file and its language's may have."""
    told = names(text("docs/add-an-edition.md"))

    assert {field.name for field in fields(kind)} - told == set()


def test_every_key_lies_where_the_tree_says(crawled):
    """Each object of a real archive fits a key that the tree of DATA_FORMAT.md lists."""
    told = re.findall(r"^\| `([^`]+)`", section(text("DATA_FORMAT.md"), "The tree of keys"), re.MULTILINE)
    forms = [re.sub(r"\d+", r"\\d+", form).replace(".", r"\.").replace("<batch>", "[0-9a-z-]+") for form in told]
    keys = [entry.key for entry in crawled.store.list()]

    assert keys
    assert [key for key in keys if not any(re.fullmatch(form, key) for form in forms)] == []
    assert re.fullmatch(forms[1], commit_key(42))


def test_a_warc_is_as_described(crawled):
    """A segment begins with warcinfo, then a response and its request in turn; no status line has a reason."""
    key = next(e.key for e in crawled.store.list("captures/") if e.key.endswith(".warc.gz"))
    heads = [content for _, _, content in warc.members(crawled.store.get(key))]
    kinds = [re.search(rb"WARC-Type: (\w+)", head)[1].decode() for head in heads]

    assert kinds == ["warcinfo", *["response", "request"] * (len(kinds) // 2)]
    assert all(re.search(rb"\r\n\r\nHTTP/1\.1 \d{3} \r\n", head) for head in heads[1::2])
    assert not any(b"transfer-encoding" in head.lower() for head in heads)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_resolve(path):
    """Each relative link of a page leads to a file that is there, and to a heading that it has."""
    bare = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", bare)):
        place, _, anchor = target.partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        file = (path.parent / unquote(place)) if place else path
        if not file.exists() or (anchor and anchor not in anchors(file.read_text(encoding="utf-8"))):
            broken.append(target)

    assert broken == []


def test_every_page_is_in_the_index():
    """Docs/README.md links each page of docs/ and each decision."""
    linked = re.findall(r"\]\(([^)#\s]+)", text("docs/README.md"))
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in PAGES if (ROOT / "docs") in path.parents}

    assert pages - {"README.md"} - set(linked) == set()


def test_decisions_are_numbered_without_gaps():
    """Decisions are numbered from 1 on; each has its number, context, decision and consequences."""
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    texts = [page.read_text(encoding="utf-8") for page in pages]

    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    assert [t.split(".")[0] for t in texts] == [f"# {n}" for n in range(1, len(pages) + 1)]
    for word in ("Context", "Options", "Decision", "Consequences"):
        assert [page.name for page, t in zip(pages, texts, strict=True) if f"**{word}.**" not in t] == []


@pytest.mark.parametrize(("page", "line", "output"), SHOWN, ids=[f"{s[0]}-{n}-{s[1]}" for n, s in enumerate(SHOWN)])
def test_outputs_are_what_the_commands_print(story, page, line, output):
    """An output in a page is what the command prints today, less digests, instants and sizes."""
    runs = story.outputs[told.plain(line)]

    assert [code for code, _, _ in runs] == [0] * len(runs)
    assert any(told.agrees(out + err, output) for _, out, err in runs), runs[-1][1] + runs[-1][2]


@pytest.mark.parametrize("line", [*JSON_LINES, told.CRAWLS[2]], ids=lambda line: line.removesuffix(" --json"))
def test_json_documents_hold_what_is_documented(story, line):
    """Each field of a command's JSON document stands in the table's row, and each of the row's in the document."""
    words = line.split()[1:]
    command = next(w for w in (f"{words[0]} {words[1]}", words[0]) if w in JSON_ROWS)
    said = json.loads(story.outputs[told.plain(line.format(url="http://127.0.0.1:1"))][0][1])
    told_of = JSON_ROWS[command]
    free = set(re.findall(r"([a-z_]+)\{\}", told_of))

    assert keys(said, free) - set(re.findall(r"[a-z_]+", told_of)) == set()
    assert isinstance(said, list) or outer(told_of) == set(said) - {"schema"}


def test_a_difference_as_json_is_a_row_of_the_changes_view(story):
    """Each field at any depth is named there, the types of a reworded sentence among them."""
    said = json.loads(story.outputs[DIFF][0][1])

    assert {"rule", "revision", "type"} <= keys(said, set())
    assert keys(said, set()) - names(section(text("DATA_FORMAT.md"), "View changes")) == set()


def test_the_layout_of_the_guide_reads_a_page(tmp_path, monkeypatch):
    """The class that docs/add-a-layout.md shows, and its method in parsel's words, read a page of that template."""
    layout, method = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "add-a-layout.md").read_text(), re.DOTALL)[:2]
    (tmp_path / "magazine.py").write_text(f"from crawler.pages.article import Layout\n\n\n{layout}\n{method}")
    monkeypatch.syspath_prepend(str(tmp_path))
    page = Page(
        "https://french.presstv.ir/Detail/2026/10/03/701000/phare",
        '<h1 class="story-title">Un phare rallumé</h1><ul class="story-people"><li>Anna Or</li><li> Ivo Sel </li></ul>'
        '<p class="story-intro">Le feu brûle.</p><div class="story-text"><p>Il éclaire la passe.</p></div>',
        PRESSTV_FR,
    )
    read = importlib.import_module("magazine").Magazine(page)

    assert read.headline() == ("Un phare rallumé", "magazine:h1.story-title")
    assert read.lead() == ("Le feu brûle.", "magazine:p.story-intro")
    assert read.byline() == ("Ivo Sel", "magazine:ul.story-people")
    assert [block.text for block in read.blocks()[0]] == ["Il éclaire la passe."]


@pytest.mark.row("F-TAK-10")
def test_pages_of_what_was_exported_are_the_archives_own(story, tmp_path):
    """Of the demo's archive: each article's page and last comparison, from its records, checks, events and commits."""
    with two_sites(Log(open_store(f"file:{story.folder}/var/archive")), tmp_path) as (whole, alone, _):
        assert other_pages(whole, alone) == []
        assert articles.counts(whole.reader.catalog.db)["versions"] > 61


@needs_browser
@pytest.mark.row("F-TAK-13")
@pytest.mark.skipif(importlib.util.find_spec("pagefind") is None, reason="needs pagefind")
def test_the_demos_pages_as_files_are_whole(story, tmp_path):
    """Every link leads to a file, « œuvre » finds what « l’œuvre » does; from a disk the page says that it can't search."""
    archive, place = (
        folded(Log(open_store(f"file:{story.folder}/var/archive")), tmp_path / "catalog"),
        tmp_path / "site",
    )
    written.write(archive, "latest", chosen=Selection(), target=str(place), base="", language="fr", search="auto")
    found, said = found_by_browser(place, ("œuvre", "l’œuvre"), "œuvre")

    assert broken(place) == []
    assert found == [["a/721585.html", "a/748512.html"]] * 2
    assert "La recherche demande un hébergement web" in said
