"""`scrapy export`: what it offers, refuses and writes follows the table of formats."""

import argparse
import contextlib
import os
import signal
from dataclasses import replace

import pytest
from scrapy.settings import Settings

from archive.exporters.format import Format, Option, views_of
from archive.exporters.targets import write_to
from archive.exporters.views import VIEWS
from archive.facts.canonical import digest, parse
from archive.log.chain import Log
from archive.stores.opening import open_store
from crawler.cli.formats import FORMATS
from crawler.commands.export import Command
from crawler.crawl.program import PROGRAM
from tests import facts


def write(archive, view, *, chosen, target, progress, letter):
    """Write a letter for each row."""
    rows = list(progress(VIEWS["latest"](archive, chosen)))
    return write_to(target, lambda out, _: out.write(letter.encode() * len(rows)))


TOY = Format(
    name="toy", views=("letters", "latest"), write=write,
    options=(Option(name="letter", metavar="CHAR", default="x", help="what stands for a row"),),
)  # fmt: skip
NAMES = "|".join(FORMATS)


@pytest.fixture
def toy(monkeypatch):
    """Have a second format in the table."""
    monkeypatch.setitem(FORMATS, "toy", TOY)


@pytest.fixture
def command(tmp_path):
    """Give the command with the settings of an archive of three articles."""
    places = {"ARCHIVE_URI": f"file:{tmp_path}/archive", "CATALOG_PATH": f"{tmp_path}/catalog.sqlite"}
    log = Log(open_store(places["ARCHIVE_URI"]))
    log.create(edition="presstv-fr", version="0")
    facts.write(log, *(facts.read(number, 0) for number in range(1, 4)))
    made = Command()
    made.settings = Settings()
    made.settings.setmodule("settings.local", priority="project")
    made.settings.setdict(places, priority="project")
    return made


def run(command, *words):
    """Run the command as Scrapy does and return its exit code."""
    opts, args = parser_of(command).parse_known_args(words)
    command.process_options(args, opts)
    command.run(args, opts)
    return command.exitcode


def parser_of(command):
    parser = argparse.ArgumentParser(conflict_handler="resolve", prog="scrapy export")
    command.add_options(parser)
    return parser


def help_of(command):
    return " ".join(parser_of(command).format_help().split())


@pytest.mark.usefixtures("toy")
def test_a_format_in_the_table_is_in_the_help(command):
    """Its name, its views, its options with their defaults, and what it writes where no view is asked for."""
    views = "|".join(views_of(FORMATS.values()))

    assert (
        command.syntax()
        == f"{NAMES}|toy [--view {views}] [--since SEQ|DATE] [--until DATE] [--section NAME,…] [--silent] … [--bom WORD] [--base URL] [--entries N] [--asof RULE] [--language CODE] [--search HOW] [--letter CHAR] "
        "[--processes N | --dask ADDRESS] [--share N/T | --join PART…] [--json] [--dry-run] [-o PATH|URI]"
    )
    assert command.short_desc().endswith(" or letters")
    assert (
        f"{views.replace('|', ', ')} (default: latest; warc: captures; wacz: captures; atom: events; bagit: versions; corpus: versions; toy: letters)"
        in help_of(command)
    )
    assert "--letter CHAR toy: what stands for a row (default: x)" in help_of(command)


def test_without_it_nothing_of_it_is_said(command):
    """The help is that of the formats that are there."""
    assert command.syntax().startswith(f"{NAMES} [--view ")
    assert "letter" not in command.syntax() + command.short_desc() + help_of(command)


@pytest.mark.row("F-TAK-04")
@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("papyrus",), f"no export format 'papyrus'; choose from {', '.join(FORMATS)}, toy"),
        (("toy", "--view", "versions"), "no view 'versions'; choose from letters, latest"),
        (("jsonl", "--view", "letters"), "no view 'letters'; choose from latest, versions, changes"),
        (("jsonl", "--letter", "y"), "--letter is not for jsonl; it goes with toy"),
        (("toy", "--since", "soon"), "--since 'soon'"),
        (("toy", "--since", "1"), "toy is written whole and takes in nothing since a commit"),
        (("parquet", "--since", "1", "-o", "a"), "parquet in one file is written whole"),
        (("csv", "--bom", "perhaps"), "--bom 'perhaps': write yes or no"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_errors_name_what_the_table_holds(command, capsys, words, says):
    """A format, a view or an option that is not there, or not there together, is a usage error."""
    code = run(command, *words)

    assert (code, says in capsys.readouterr().err) == (2, True)


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize(
    ("words", "data", "view"),
    [((), b"xxx", "letters"), (("--letter", "é"), "ééé".encode(), "letters"), (("--view", "latest"), b"xxx", "latest")],
    ids=["defaults", "option", "view"],
)
def test_a_format_in_the_table_is_written(command, capsys, tmp_path, words, data, view):
    """It gets its view and its options, given or not; how many rows went where is said on stderr."""
    place = tmp_path / "a.toy"
    code = run(command, "toy", *words, "-o", str(place))

    assert (code, place.read_bytes()) == (0, data)
    assert capsys.readouterr().err.startswith(f"{len(data)} rows of {view} in {place}, at commit 1 sha256:")


@pytest.mark.usefixtures("toy")
def test_a_format_without_the_option_does_not_get_it(command, capfdbinary):
    """Lines go to stdout as ever, and what they are of is said beside them."""
    code = run(command, "jsonl")
    out, err = capfdbinary.readouterr()

    assert (code, out.count(b"\n"), err.startswith(b"3 rows of latest in stdout, at commit 1 sha256:")) == (0, 3, True)


def test_a_folder_takes_the_files_of_a_format(command, capsys, tmp_path):
    """One that is there or ends in a slash; a dry run says what it would come to, and makes nothing."""
    place = f"{tmp_path}/months/"
    codes = [run(command, "parquet", "--dry-run", "-o", place), run(command, "parquet", "-o", place)]
    told = capsys.readouterr()

    assert codes == [0, 0]
    assert told.out == f"would write 3 rows of latest to {place}; nothing was written\n"
    assert told.err.startswith(f"3 rows of latest in {place}, at commit 1 sha256:")
    assert sorted(path.name for path in (tmp_path / "months").iterdir()) == [
        "latest-2026-11.parquet",
        "latest.manifest.json",
    ]
    assert (run(command, "parquet", "--dry-run", "-o", place[:-1]), capsys.readouterr().out) == (
        0, f"would write 3 rows of latest to {place[:-1]}, in place of the files that are there; nothing was written\n",
    )  # fmt: skip
    assert (run(command, "jsonl", "-o", place), "it is a folder" in capsys.readouterr().err) == (8, True)
    assert (run(command, "parquet", "-o", f"{tmp_path}/no/way/"), "mkdir -p" in capsys.readouterr().err) == (8, True)
    assert (run(command, "parquet", "-o", "https://a.test/b/"), "no place" in capsys.readouterr().err) == (2, True)
    assert (run(command, "bagit", "-o", place), "a folder of its own" in capsys.readouterr().err) == (2, True)
    assert (run(command, "bagit"), "name it with -o" in capsys.readouterr().err) == (2, True)


def test_bytes_are_no_text_for_a_terminal(command, capfd):
    """Parquet on a terminal is refused; a pipe takes it."""
    controller, terminal = os.openpty()
    with open(terminal, "w", encoding="utf-8") as screen, contextlib.redirect_stdout(screen):  # noqa: PTH123
        code = run(command, "parquet")
    os.close(controller)

    assert (code, "name a file with -o" in capfd.readouterr().err) == (2, True)


@pytest.mark.parametrize("words", [("toy", "-o", "{}/a.x"), ("parquet", "-o", "{}/m/"), ("bagit", "-o", "{}/b/")])
def test_a_sigterm_leaves_nothing(command, monkeypatch, capsys, tmp_path, words):
    """Whatever is being written then; it ends with 143."""

    def stopped(*args, **more):
        del args, more
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setitem(FORMATS, "toy", replace(TOY, write=lambda *_, target, **__: write_to(target, stopped)))
    monkeypatch.setattr("archive.exporters.parquet.write_rows", stopped)
    monkeypatch.setattr("archive.exporters.jsonl.write_rows", stopped)
    (tmp_path / "out").mkdir()
    with pytest.raises(SystemExit) as ended:
        run(command, *(word.format(tmp_path / "out") for word in words))

    assert (ended.value.code, list((tmp_path / "out").iterdir())) == (143, [])
    assert capsys.readouterr().err == "stopped; run the same command again to go on\n"


@pytest.mark.row("F-TAK-09")
@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet", "wacz", "warc", "atom", "bibtex"])
def test_a_manifest_goes_where_it_is_asked_for(command, tmp_path, capfdbinary, form):
    """Of stdout it tells the bytes that left, under the manifest's own name; so it does of a pipe and of a file."""
    place, pipe = tmp_path / f"out.{form}.manifest.json", tmp_path / "pipe"
    assert run(command, form, "--manifest", str(place)) == 0
    data, told = capfdbinary.readouterr().out, parse(place.read_bytes())
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert run(command, form, "-o", str(pipe), "--manifest", str(tmp_path / "b.manifest.json")) == 0
    os.close(reader)
    beside = parse((tmp_path / "b.manifest.json").read_bytes())

    assert told["resources"] == [
        {"bytes": len(data), "hash": digest(data), "name": "part-1", "path": f"out.{form}"}
    ]  # fmt: skip
    assert beside == told | {"resources": [told["resources"][0] | {"path": "b"}]}
    assert run(command, form, "-o", str(tmp_path / "a"), "--manifest", str(tmp_path / "c.manifest.json")) == 0
    assert parse((tmp_path / "c.manifest.json").read_bytes())["resources"][0]["path"] == "a"
    assert not (tmp_path / "a.manifest.json").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("jsonl", "--manifest", "-"), "names a file of its own"),
        (("jsonl", "--manifest", ""), "names a file of its own"),
        (("bagit", "--manifest", "m.json", "-o", "bag"), "not for bagit"),
        (("jsonl", "--manifest", "nowhere/at/all/m.json"), "there is no folder"),
        (("jsonl", "-o", "a.jsonl", "--manifest", "./a.jsonl"), "the export itself goes there"),
        (("jsonl", "-o", "s3://bucket/a", "--manifest", "s3://bucket/a"), "the export itself goes there"),
    ],
)
def test_a_manifest_without_a_place_is_refused(command, tmp_path, monkeypatch, capsys, words, says):
    """Before anything is written."""
    monkeypatch.chdir(tmp_path)
    code = run(command, *words)
    told = capsys.readouterr()

    assert (code > 1, told.out, says in told.err) == (True, "", True)


@pytest.mark.row("F-TAK-09")
def test_a_manifest_lies_beside_what_was_written(command, tmp_path):
    """It names the program; a dry run and stdout leave none."""
    place = tmp_path / "a.jsonl"
    codes = [run(command, "jsonl", *words) for words in (("--dry-run", "-o", str(place)), (), ("-o", str(place)))]
    told = parse((tmp_path / "a.jsonl.manifest.json").read_bytes())

    assert codes == [0, 0, 0]
    assert (told["program"], told["counts"]) == (PROGRAM, {"rows": 3})
    assert sorted(path.name for path in tmp_path.glob("a.*")) == ["a.jsonl", "a.jsonl.manifest.json"]
