"""Exports made by many: what is gone on with is of the same rows."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from archive.catalog.selection import Selection
from crawler.cli.formats import FORMATS
from crawler.cli.rangewise import Rangewise
from tests import facts


@pytest.mark.row("F-MNY-11")
def test_another_zone_goes_on_with_no_rows_of_this_one(tmp_path):
    """Their days are others, though the archive, its head and the words of the command are the same."""
    archive = facts.folded(facts.new_log(), tmp_path / "catalog.sqlite")
    many = Rangewise(chosen=FORMATS["csv"], view="latest", share=None, by="--processes")
    here, found = archive.catalog.vocabulary, []
    for zone in (here.zone, ZoneInfo("Pacific/Kiritimati"), here.zone):
        archive.catalog.vocabulary = replace(here, zone=zone)
        with many.ranges(archive, Selection(), 2, "") as ranges:
            found.append(ranges.journal.path)

    assert found[0] == found[2] != found[1]
