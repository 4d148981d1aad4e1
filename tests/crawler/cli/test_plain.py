"""Settings without Scrapy are those that Scrapy has."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scrapy.settings import Settings, default_settings
from scrapy.utils.project import get_project_settings

from archive.errors import ConfigurationError
from crawler.cli.options import given_settings, known_names
from crawler.cli.plain import PlainSettings, project_settings
from settings import base
from settings.scrapys import SCRAPYS
from tests.project import ROOT

READERS = ("getint", "getfloat", "getbool")


def test_scrapys_names_are_scrapys():
    """Those of the Scrapy that is installed."""
    assert {name for name in vars(default_settings) if name.isupper()} == SCRAPYS


@pytest.mark.parametrize(
    "env",
    [
        {}, {"SCRAPY_PROJECT": "production", "ARCHIVE_URI": "file:x"}, {"SCRAPY_SETTINGS_MODULE": "settings.production"},
        {"SCRAPY_PROJECT": "production", "SCRAPY_SETTINGS_MODULE": "settings.local"}, {"SCRAPY_PROJECT": "Production"},
    ],
    ids=lambda env: " ".join(env.values()) or "none",
)  # fmt: skip
def test_the_same_module_is_loaded(monkeypatch, env):
    """By scrapy.cfg, SCRAPY_PROJECT and SCRAPY_SETTINGS_MODULE."""
    monkeypatch.chdir(ROOT / "docs")
    for name in ("SCRAPY_PROJECT", "SCRAPY_SETTINGS_MODULE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    plain = project_settings()
    # Scrapy leaves the name that it found in the environment.
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", env.get("SCRAPY_SETTINGS_MODULE", ""))
    if not env.get("SCRAPY_SETTINGS_MODULE"):
        monkeypatch.delenv("SCRAPY_SETTINGS_MODULE")
    scrapys = get_project_settings()

    assert {name: scrapys[name] for name in plain if name in vars(base)} == {
        name: value for name, value in plain.items() if name in vars(base)
    }
    assert plain["READS_ENVIRONMENT"] == scrapys["READS_ENVIRONMENT"]


def test_a_project_that_is_in_no_file_is_told(monkeypatch):
    """With those that there are."""
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("SCRAPY_SETTINGS_MODULE", raising=False)
    monkeypatch.setenv("SCRAPY_PROJECT", "prodction\x1b")

    with pytest.raises(ConfigurationError, match="default or production") as told:
        project_settings()
    assert str(told.value).isprintable()


def outcome(settings, reader):
    """Return what a reader of settings gives, or the kind of error."""
    try:
        return getattr(settings, reader)("X"), type(getattr(settings, reader)("X"))
    except (TypeError, ValueError, OverflowError) as error:
        return type(error)


@given(
    st.one_of(
        st.text(),
        st.integers(),
        st.floats(allow_nan=False),
        st.booleans(),
        st.sampled_from(["True", "false", "1", "0", "TRUE", ""]),
    )
)
@example(None)
def test_values_are_read_as_scrapy_reads_them(value):
    """Numbers and switches, given as text or not."""
    plain, scrapys = PlainSettings({"X": value}), Settings({"X": value})

    assert [outcome(plain, reader) for reader in READERS] == [outcome(scrapys, reader) for reader in READERS]
    assert plain["MISSING"] is None


def test_what_the_command_line_set_is_known_as_such():
    """And is no known name by itself."""
    plain = PlainSettings({"OURS": 1})
    plain.setdict({"ARCHIVE_URI": "file:x", "ODD": "1"}, priority="cmdline")

    assert given_settings(plain) == {"ARCHIVE_URI": "file:x", "ODD": "1"}
    assert {"OURS", "ARCHIVE_URI", "JOBDIR"} <= known_names(plain)
    assert "ODD" not in known_names(plain)
