"""The doctor's findings: each names what is wrong and how to mend it."""

from datetime import UTC, datetime

import pytest

from crawler.doctor import FINE, WARNING, WRONG, examine

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path):
    return {
        "ARCHIVE_URI": f"file:{tmp_path}/archive",
        "CATALOG_PATH": str(tmp_path / "catalog.sqlite"),
        "SPOOL_DIR": str(tmp_path / "spool"),
        "CRAWLER_CONTACT": "archive@example.org",
    }


def findings(settings, **options):
    return {finding.check: finding for finding in examine(settings, NOW, **{"offline": False, **options})}


def test_a_sound_set_up_has_nothing_wrong(settings):
    """With a contact and a writable folder nothing is wrong, and a missing archive is only a warning."""
    found = findings(settings)

    assert {f.state for f in found.values()} <= {FINE, WARNING}
    assert found["create-if-absent"].state == FINE
    assert "scrapy crawl presstv" in found["archive"].mend


def test_an_empty_contact_is_a_warning(settings):
    """It says which setting to set."""
    found = findings(settings | {"CRAWLER_CONTACT": ""})["contact"]

    assert found.state == WARNING
    assert "CRAWLER_CONTACT" in found.mend


def test_a_store_that_cannot_be_written_is_named(settings, tmp_path):
    """The missing right is said, and the checks behind it still run."""
    (tmp_path / "file").write_bytes(b"")
    found = findings(settings | {"ARCHIVE_URI": f"file:{tmp_path}/file/archive"})

    assert found["store"].state == WRONG
    assert "put failed" in found["store"].found
    assert "archive" in found


def test_offline_asks_no_store(settings, tmp_path):
    """Nothing is created and no store check is told."""
    found = findings(settings, offline=True)

    assert "store" not in found
    assert list(tmp_path.iterdir()) == []
