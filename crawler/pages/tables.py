"""Tables of data: which rows are lines of cells to be read together, and not boxes that lay out a page."""

from crawler.pages.page import text_of
from crawler.pages.shown import BLOCKS, Element

CELL = " | "
"""What parts two cells of a row in text."""
_CELLS = ("td", "th")
_LONGEST = 120
"""Characters of a cell of data; more are a column of text."""


def is_data_row(element: Element) -> bool:
    """Tell whether an element is a row of short cells without boxes, links or pictures, among rows of as many cells."""
    if element.tag != "tr" or len(element) < 2 or not _has_company(element):
        return False
    if not all(map(_is_plain, element)):
        return False
    told = [text_of(cell) for cell in element]
    return max(map(len, told)) <= _LONGEST and sum(map(bool, told)) > 1


def _has_company(row: Element) -> bool:
    # The head of a table is often a row alone.
    beside = (row.getprevious(), row.getnext())
    return row.getparent().tag in ("thead", "tfoot") or any(r is not None and len(r) == len(row) for r in beside)


def _is_plain(cell: Element) -> bool:
    if cell.tag not in _CELLS:
        return False
    held = cell.iterdescendants("*")
    return not any(e.tag in ("a", "img") or (e.tag in BLOCKS and not _wraps(e, cell)) for e in held)


def _wraps(element: Element, cell: Element) -> bool:
    return element.tag == "p" and len(cell) == 1 and element.getparent() is cell
