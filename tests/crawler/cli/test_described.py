"""What is told of the commands: examples in the help, completion in a shell, the manual page, all of one source."""

import re
import shlex
import shutil
import subprocess

import pytest

from crawler.cli.completing import SHELLS, script
from crawler.cli.described import described
from crawler.cli.manual import page
from crawler.cli.plain import project_settings
from tests.project import ROOT, forked

COMMANDS = sorted(path.stem for path in (ROOT / "crawler" / "commands").glob("[a-z]*.py"))


@pytest.fixture(scope="module")
def parts():
    return described(project_settings())[1]


@pytest.fixture(scope="module")
def manual():
    return page(project_settings())


@pytest.mark.row("F-TTY-12")
@pytest.mark.parametrize("name", COMMANDS)
def test_examples_come_first_and_can_be_typed(parts, name):
    """Each is taken by the command's own parser and leaves no word that fits nothing; no line is wider than a terminal."""
    command, parser = parts[name]
    told = parser.format_help()

    assert command.examples
    assert 0 < told.index("Examples\n") < told.index("Options\n")
    for words, about in command.examples:
        _, rest = parser.parse_known_args(shlex.split(words))
        command.check_words(rest)
        assert f"presstv {name} {words}".rstrip() in told
        assert about in told
    assert max(map(len, told.partition("Examples\n")[2].partition("\nOptions\n")[0].splitlines())) < 100


@pytest.mark.row("F-TTY-12")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("sh", {"show"}),
        ("ver", {"verify", "version"}),
        ("show --so", {"--source"}),
        ("show --source o", {"own"}),
        ("export ", {"jsonl", "csv", "parquet", "warc", "wacz", "atom", "bibtex", "ris", "csl", "bagit", "corpus", "site"}),
        ("export csv --view ch", {"changes", "checks"}),
        ("crawl ", {"presstv"}),
        ("search --section as", {"asie"}),
        ("history --event rem", {"removed"}),
        ("completion f", {"fish"}),
        ("browse LICEN", {"LICENSE"}),
        ("export csv -o LICEN", {"LICENSE"}),
        ("frob", set()),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)  # fmt: skip
@pytest.mark.parametrize("program", ["presstv", "scrapy"])
def test_bash_completes(completion, program, words, offered):
    """Commands, options, closed values and files, behind either name."""
    typed = [program, *words.split(" ")]
    ask = f"""
        . {shlex.quote(str(completion))}
        COMP_WORDS=({" ".join(map(shlex.quote, typed))}); COMP_CWORD={len(typed) - 1}
        $(complete -p {program} | sed -E 's/.*-F (\\S+).*/\\1/')
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stderr == ""
    assert set(done.stdout.split()) == offered


@pytest.fixture(scope="module")
def completion(tmp_path_factory):
    path = tmp_path_factory.mktemp("completion") / "presstv.bash"
    path.write_text(script("bash", project_settings()), encoding="utf-8")
    return path


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shells_script_names_every_command(shell):
    """And it is taken by that shell, where it is installed."""
    text = script(shell, project_settings())

    assert [name for name in COMMANDS if not re.search(rf"\b{name}\b", text)] == []
    assert text == script(shell, project_settings())
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=text, capture_output=True, text=True, check=False).stderr == ""


@pytest.mark.row("F-TTY-12")
def test_the_manual_tells_every_command_option_and_code(parts, manual):
    """With its examples; nothing of a text is a request of roff."""
    plain = manual.replace("\\-", "-").replace("\\(aq", "'")
    options = {
        word
        for _, parser in parts.values()
        for action in parser._actions
        if action.help != "==SUPPRESS=="
        for word in action.option_strings
    }

    assert [name for name in COMMANDS if f".SS presstv {name}\n" not in plain] == []
    assert [word for word in options if not re.search(rf"{re.escape(word)}[\\,]", plain)] == []
    assert "presstv diff 711958 1..3" in plain
    assert re.search(r"^  recheck=", plain, re.MULTILINE)
    assert re.findall(r"^\.B (\d+)$", plain, re.MULTILINE) == [str(code) for code in (*range(16), 130, 143)]
    assert {line.split()[0] for line in manual.splitlines() if line.startswith((".", "'"))} <= {
        ".TH",
        ".SH",
        ".SS",
        ".TP",
        ".PP",
        ".B",
        ".I",
        ".ad",
        ".nh",
        ".nf",
        ".fi",
    }


@pytest.mark.skipif(shutil.which("groff") is None, reason="needs groff")
def test_man_reads_the_manual(manual):
    """Without a warning."""
    done = subprocess.run(
        ["groff", "-man", "-ww", "-Tutf8", "-K", "utf8"], input=manual.encode(), capture_output=True, check=True
    )

    assert done.stderr == b""
    assert "PRESSTV(1)" in done.stdout.decode()


@pytest.mark.row("F-TTY-12")
def test_the_commands_print_them():
    """By either program, whatever it is called; another shell is refused."""
    assert forked("completion", "bash").stdout == script("bash", project_settings())
    assert forked("manual").stdout == page(project_settings())
    refused = forked("completion", "tcsh")
    assert (refused.returncode, refused.stderr) == (
        2,
        "error: no script for the shell 'tcsh'; choose from bash, zsh, fish\n",
    )
