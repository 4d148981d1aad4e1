"""What was done before a stop is taken from the journal; one that can't be trusted is none."""

import os
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from archive.parallel.journal import KEPT, going_on, journal

NOW = datetime.now(UTC)


class Stop(Exception):
    """What ends a row in the middle."""


def row(kept, pieces, *, stop_at=None, by=Stop):
    """Return what the pieces come to, and which of them were done; what is told has no length or sense of its own."""
    done = []

    def work(left):
        for piece in left:
            if len(done) == stop_at:
                raise by
            done.append(piece)
            yield piece * 2

    found = going_on(
        kept, pieces, work, name=str, load=lambda _, data: int(data or b"0"), dump=lambda two: str(two).encode()
    )
    return list(found), done


def run(folder, pieces=range(6), *, words=b"words", stop_at=None, now=NOW):
    """Do a row with its journal; return what it came to, what was done for it, and how many were taken."""
    with journal(folder / "catalog.sqlite", "sum", words, now) as kept:
        found, done = row(kept, pieces, stop_at=stop_at)
        return found, done, kept.taken


def stopped(folder, **more):
    """Do four pieces, and stop."""
    with pytest.raises(Stop):
        run(folder, stop_at=4, **more)
    [file] = folder.iterdir()
    return file


WHOLE = [0, 2, 4, 6, 8, 10]


@pytest.mark.row("F-MNY-11")
def test_a_row_goes_on_where_it_was_stopped(tmp_path):
    """Again and again; once it is done nothing is left."""
    stopped(tmp_path)
    with pytest.raises(Stop):
        run(tmp_path, stop_at=1)

    assert run(tmp_path) == (WHOLE, [5], 5)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.row("F-MNY-11")
@pytest.mark.parametrize("end", range(1, 60, 7))
def test_a_journal_that_is_cut_anywhere_is_gone_on_with_before_the_cut(tmp_path, end):
    """As a kill, or a full disk, leaves it."""
    file = stopped(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(whole[: -min(end, len(whole))])
    found, done, taken = run(tmp_path)

    assert (found, done) == (WHOLE, [*range(taken, 6)])
    assert taken <= 3


@pytest.mark.row("F-MNY-11")
@pytest.mark.parametrize("at", [0, 3, 5, 9, 13, 20, 40])
def test_a_journal_with_a_wrong_byte_is_not_believed(tmp_path, at):
    """From there on all is done again."""
    file = stopped(tmp_path)
    data = bytearray(file.read_bytes())
    data[at] ^= 0xFF
    file.write_bytes(data)

    assert run(tmp_path)[0] == WHOLE


@pytest.mark.row("F-MNY-11")
def test_a_journal_of_other_words_or_pieces_is_none(tmp_path):
    """Nor is one that is a day old, which is removed."""
    stopped(tmp_path)
    assert run(tmp_path, words=b"others")[1:] == ([*range(6)], 0)
    assert run(tmp_path, pieces=[0, 1, 7, 3])[1:] == ([7, 3], 2)
    stopped(tmp_path)
    assert run(tmp_path, now=NOW + KEPT + timedelta(hours=1))[1:] == ([*range(6)], 0)
    stopped(tmp_path)
    run(tmp_path, words=b"others", now=NOW + KEPT + timedelta(hours=1))
    assert [*tmp_path.iterdir()] == []


@pytest.mark.row("F-MNY-11")
def test_who_finds_it_taken_goes_without(tmp_path):
    """So does who can't write there; both come to the same."""
    path = tmp_path / "catalog.sqlite"
    held = partial(journal, path, "sum", b"words", NOW)
    with held() as first:
        with held() as second:
            assert row(second, range(6)) == (WHOLE, [*range(6)])
        assert len([*tmp_path.iterdir()]) == 1
        assert row(first, range(6))[0] == WHOLE
    assert run(tmp_path / "nowhere")[0] == WHOLE


@pytest.mark.row("F-MNY-11")
def test_a_journal_that_others_put_there_is_none(tmp_path):
    """A link, a folder, or another user's file: it is not taken, and not touched."""
    for place in (lambda p: p.symlink_to(tmp_path / "theirs"), Path.mkdir, _of_another_user):
        file = stopped(tmp_path)
        data = file.read_bytes()
        file.unlink()
        (tmp_path / "theirs").write_bytes(data)
        place(file)
        assert run(tmp_path) == (WHOLE, [*range(6)], 0)
        assert (tmp_path / "theirs").read_bytes() == data
        file.rmdir() if file.is_dir() else file.unlink()
        (tmp_path / "theirs").unlink()


def _of_another_user(file):
    os.link(file.with_name("theirs"), file)
    if os.geteuid():
        pytest.skip("only root can give a file away")
    os.chown(file, 12345, 12345)


def test_nobody_wants_what_nobody_reads(tmp_path):
    """An export into `head` is no export that was stopped."""
    with pytest.raises(BrokenPipeError), journal(tmp_path / "a", "sum", b"", NOW) as kept:
        row(kept, range(6), stop_at=3, by=BrokenPipeError)

    assert [*tmp_path.iterdir()] == []


@pytest.mark.row("F-MNY-11")
def test_a_disk_that_is_full_costs_the_journal_alone(tmp_path, monkeypatch):
    """It gets its room back."""

    def refuse(*_):
        raise OSError(28, "No space left on device")

    with journal(tmp_path / "a", "sum", b"", NOW) as kept:
        monkeypatch.setattr("archive.parallel.journal._write", refuse)
        assert row(kept, range(6))[0] == WHOLE
        assert [*tmp_path.iterdir()] == []
