"""What is taken away of a version: citations, the proof, the capture as it came over the wire, WARC and WACZ."""

import tempfile
import threading
from collections.abc import Iterator
from typing import BinaryIO, cast

from starlette.responses import Response, StreamingResponse

from archive.catalog.naming import named_version
from archive.catalog.selection import Selection
from archive.exporters import wacz
from archive.exporters.citing import Cited
from archive.exporters.taken import capture_of
from archive.texts.terminal import printable
from archive.trust.proof import prove
from browse.asking import Ask, NotThere, Unfit, redirect
from browse.pages.article import read_version
from browse.pages.references import as_bibtex, as_csl, as_ris, cited
from browse.shown.cited import sentence

_PROVING = threading.BoundedSemaphore(2)
"""A proof reads the whole log: two at a time."""
_IN_MEMORY, _PIECE = 2**22, 2**18


def _attached(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"'}


def _file(told: Cited, ending: str) -> dict[str, str]:
    number, _, time = told.key.partition("@")
    plain = "".join(char for char in time if char.isalnum() or char in "-.")
    return _attached(f"presstv-{number}-{plain}.{ending}")


def _as_file(answer: Response, told: Cited, ending: str) -> Response:
    answer.headers.update(_file(told, ending))
    return answer


def bibtex(ask: Ask) -> Response:
    """Give the citation as BibTeX."""
    told = cited(ask, read_version(ask))
    return _as_file(as_bibtex([told]), told, "bib")


def ris(ask: Ask) -> Response:
    """Give the citation as RIS."""
    told = cited(ask, read_version(ask))
    return _as_file(as_ris([told]), told, "ris")


def csl(ask: Ask) -> Response:
    """Give the citation as CSL-JSON."""
    return as_csl([cited(ask, read_version(ask))])


def text(ask: Ask) -> Response:
    """Give a version's text alone, with its citation below it."""
    version = read_version(ask)
    record, told = version.record, cited(ask, version)
    captions = [caption["text"] for caption in record["captions"]]
    parts = [record["kicker"], record["headline"], record["lead"], *record["body"], *captions, "--"]
    body = "\n\n".join([*(printable(part) for part in parts if part), sentence(told, ask.tongue)])
    return Response(f"{body}\n", headers=_file(told, "txt"), media_type="text/plain; charset=utf-8")


def ordinal(ask: Ask) -> Response:
    """Lead from a version's number to the version; which one that is may shift when an older one comes in."""
    name = f"{ask.place('number')}@{ask.place('ordinal')}"
    return redirect(ask.link(f"/a/{named_version(ask.db, name, ask.tongue.zone).cite}"))


def need_captures(ask: Ask) -> None:
    """Raise NotThere where exported files are read alone: what came over the wire is not in them."""
    if ask.site.alone is not None:
        raise NotThere(ask.tongue.say("Exported files hold no captures and no commits: ask the archive itself."))


def proof(ask: Ask) -> Response:
    """Give what proves the version to somebody without the archive (docs/check_proof.py)."""
    need_captures(ask)
    version = read_version(ask)
    if not _PROVING.acquire(timeout=5):
        raise Unfit(ask.tongue.say("Other proofs are being made just now; ask again in a moment."))
    try:
        data = prove(ask.site.reader.archive, version.record)
    finally:
        _PROVING.release()
    told = cited(ask, version)
    return Response(data, headers=_file(told, "proof.json"), media_type="application/json")


def capture(ask: Ask) -> Response:
    """Give the page of the capture as plain text: nothing in it is ever a page here."""
    need_captures(ask)
    version = read_version(ask)
    text = ask.outlet.html_of(capture_of(ask.site.reader.archive.store, ask.db, version.record).capture)
    told = cited(ask, version)
    return Response(text.encode("utf-8", "replace"), headers=_file(told, "html.txt"), media_type="text/plain")


def warc_record(ask: Ask) -> Response:
    """Give the capture as one member of WARC as it lies in the archive, a revisit with the payload that it repeats."""
    need_captures(ask)
    version = read_version(ask)
    told = cited(ask, version)
    data = capture_of(ask.site.reader.archive.store, ask.db, version.record).data
    return Response(data, headers=_file(told, "warc.gz"), media_type="application/warc")


def wacz_file(ask: Ask) -> Response:
    """Give the captures of an article's versions with their index, for replayweb.page and its like."""
    need_captures(ask)
    version = read_version(ask)
    number = version.article_id
    # Closed by who sends it.
    file = cast("BinaryIO", tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115
    try:
        wacz.write_into(file, ask.site.reader.archive_at(ask.db), "versions", Selection(ids=frozenset({number})))
    except BaseException:
        file.close()
        raise
    return sent(file, f"presstv-{number}.wacz", "application/wacz")


def sent(file: BinaryIO, name: str, media: str) -> Response:
    """Send what was written to a temporary file, under a name; it is closed then."""
    size = file.tell()
    file.seek(0)
    headers = {**_attached(name), "content-length": str(size)}
    return StreamingResponse(_pieces(file), headers=headers, media_type=media)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
