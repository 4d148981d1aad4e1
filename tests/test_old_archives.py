"""Archives of earlier versions: read, folded and verified by today's program to what those versions made of them.

Each of `tests/old/*.tar.xz` was written by the version that its name gives; `tests/old/README.md` says how, and that
every release adds its own.
"""

import json

import pytest

from tests.old import pack

NAMES = sorted(path.name.removesuffix(".exports.tar.xz") for path in pack.HERE.glob("*.exports.tar.xz"))
ALIKE = ("soft_404", "a made-up address is answered alike")


@pytest.fixture(scope="module", params=NAMES)
def old(request, tmp_path_factory):
    """Return (folder with the unpacked archive, name → what the version that wrote it said)."""
    folder = tmp_path_factory.mktemp("old")
    told = pack.unpacked(f"{request.param}.exports.tar.xz")
    (folder / pack.CERTIFICATES).write_bytes(told.pop(pack.CERTIFICATES))
    for path, data in pack.unpacked(f"{request.param}.tar.xz").items():
        (folder / "archive" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "archive" / path).write_bytes(data)
    return folder, told


@pytest.fixture(scope="module")
def answers(old):
    """Return name → (exit code, answer) of today's program."""
    folder, told = old
    return pack.answers(folder, {name: words for name, words in pack.commands(folder).items() if name in told})


def test_an_old_archive_says_what_it_said(old, answers):
    """Each view, history, state and verification ends with 0 and has the bytes that the old version gave."""
    _, told = old

    assert sorted(answers) == sorted(told)
    assert {name: code for name, (code, _) in answers.items() if code} == {}
    assert [name for name, (_, answer) in answers.items() if answer != told[name]] == []


def test_a_replay_of_an_old_archive_makes_no_article_of_what_was_none(old, answers):
    """A page that was told by comparison to be no article is none to a replay either, though it reads as one."""
    folder, _ = old
    checks = [json.loads(line) for line in answers["checks.jsonl"][1].splitlines()]
    none = {(each["article_id"], each["at"]) for each in checks if (each["outcome"], each.get("detail")) == ALIKE}
    replayed = {"replay.json": ("replay", "--json"), "versions.jsonl": ("export", "jsonl", "--view", "versions")}
    (code, report), (_, versions) = pack.answers(folder, replayed).values()
    read = {(row["article_id"], row["captured_at"]) for row in map(json.loads, versions.splitlines())}

    assert none
    assert (code in (0, 3), json.loads(report)["failed"]) == (True, [])
    assert read & none == set()
