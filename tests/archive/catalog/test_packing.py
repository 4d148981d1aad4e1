"""Records as the catalog keeps them."""

import pytest

from archive.catalog.cells import CatalogDamaged
from archive.catalog.packing import packed, unpacked
from tests import facts


def test_a_record_comes_back_as_it_was():
    """Field by field."""
    record = facts.read(1, 0).record

    assert unpacked(packed(record)) == record


def test_no_flipped_byte_passes():
    """A byte that is another one anywhere, or missing at the end, is found when the record is read."""
    data = packed(facts.read(1, 0).record)
    harmed = [data[:n] + bytes([data[n] ^ 0x10]) + data[n + 1 :] for n in range(len(data))]

    for one in [*harmed, data[:-1], b""]:
        with pytest.raises(CatalogDamaged):
            unpacked(one)
