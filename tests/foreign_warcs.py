"""WARC and WACZ files as others write them, made by warcio and zipfile; and an intake that reads them."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.log.batch import Limits
from crawler.backfill.bounds import Bounds
from crawler.backfill.files import Backfill
from crawler.backfill.intake import Intake
from crawler.reread.stored import recorder, rereader
from tests.french import EDITION
from tests.made import committer_of, demo_articles

THEN = datetime(2019, 3, 17, 9, 30, tzinfo=UTC)
INFO = {"software": "Moissonneuse/3.1", "operator": "Bibliothèque de Lorsanne", "format": "WARC File Format 1.0"}


def moment(seconds=0, **more):
    """Return an instant as WARC 1.0 writes it: to the second."""
    return (THEN + timedelta(seconds=seconds, **more)).strftime("%Y-%m-%dT%H:%M:%SZ")


def page(
    number="7", headline="La pluie revient", text="Il pleut depuis mardi sur toute la côte, dit le port.", lang="fr"
):
    """Return an article's page in a layout that no class knows."""
    body = "".join(f"<p>{text} Paragraphe {n}, les pêcheurs attendent encore au port de Grindau.</p>" for n in range(4))
    return (
        f"<!doctype html><html lang={lang}><head><meta charset=utf-8><title>{headline}</title>"
        f'<meta property="article:published_time" content="2019-03-17T08:00:00Z"></head>'
        f"<body><article><h1>{headline}</h1>{body}</article><i>{number}</i></body></html>"
    ).encode()


class _Writer(WARCWriter):
    """warcio's writer, but for its temporary files, which it leaves to the garbage collector to close."""

    @staticmethod
    def _create_temp_file():
        return io.BytesIO()


class Warc:
    """A WARC that grows record by record, as another program would write it."""

    def __init__(self, *, gzip=True, info=INFO):
        self.buffer = io.BytesIO()
        self.writer = _Writer(self.buffer, gzip=gzip, warc_version="1.0")
        if info:
            self.writer.write_record(self.writer.create_warcinfo_record("autre.warc.gz", info))

    def response_alone(self, url, body, *, at, status="200 OK", kind="text/html"):
        """Add a response without a request."""
        lines = StatusAndHeaders(status, [("Content-Type", kind)], protocol="HTTP/1.1")
        record = self.writer.create_warc_record(
            url, "response", payload=io.BytesIO(body), length=len(body), http_headers=lines,
            warc_headers_dict={"WARC-Date": at},
        )  # fmt: skip
        self.writer.write_record(record)

    def response(self, url, body, *, at=None, status="200 OK", headers=(), fields=None, kind="text/html"):
        """Add a response, its request behind it."""
        lines = StatusAndHeaders(status, [("Content-Type", kind), *headers], protocol="HTTP/1.1")
        record = self.writer.create_warc_record(
            url, "response", payload=io.BytesIO(body), length=len(body), http_headers=lines,
            warc_headers_dict={"WARC-Date": at or moment()},
        )  # fmt: skip
        for name, value in (fields or {}).items():
            record.rec_headers.replace_header(name, value)
        asked = StatusAndHeaders(
            "GET /x HTTP/1.1", [("Host", "x"), ("User-Agent", "Moissonneuse")], is_http_request=True
        )
        request = self.writer.create_warc_record(url, "request", http_headers=asked)
        self.writer.write_request_response_pair(request, record)
        return record.rec_headers.get_header("WARC-Payload-Digest")

    def revisit(self, url, digest, *, at, refers=None):
        """Add a revisit of a payload, by address and time or by its digest alone."""
        lines = StatusAndHeaders("200 OK", [("Content-Type", "text/html"), ("X-Vu", "encore")], protocol="HTTP/1.1")
        uri, date = refers or ("", "")
        record = self.writer.create_revisit_record(url, digest, uri, date, http_headers=lines)
        for name in () if refers else ("WARC-Refers-To-Target-URI", "WARC-Refers-To-Date"):
            record.rec_headers.remove_header(name)
        record.rec_headers.replace_header("WARC-Date", at)
        self.writer.write_record(record)

    @property
    def data(self):
        """All bytes so far."""
        return self.buffer.getvalue()

    def save(self, path):
        """Write the file and return its path as text."""
        path.write_bytes(self.data)
        return str(path)


def plain_warc(count=3, **more):
    """Return a WARC of so many articles of the demo outlet, a minute apart."""
    warc = Warc(**more)
    for n, (url, body) in enumerate(demo_articles(count)):
        warc.response(url, body, at=moment(60 * n))
    return warc


def wacz_of(path, warcs, *, listed=None):
    """Write a WACZ of named WARCs; `listed` overrides what datapackage.json says of them."""
    hashes = listed or {f"archive/{name}": f"sha256:{sha256(data).hexdigest()}" for name, data in warcs.items()}
    package = {"profile": "data-package", "resources": [{"path": p, "hash": h} for p, h in hashes.items()]}
    with zipfile.ZipFile(path, "w") as zipped:
        for name, data in warcs.items():
            zipped.writestr(f"archive/{name}", data)
        zipped.writestr("pages/pages.jsonl", '{"format": "json-pages-1.0"}\n')
        zipped.writestr("datapackage.json", json.dumps(package))
    return str(path)


def intake_into(archive, folder, clock, *, bases=(), **limits):
    """Return an intake into an archive."""
    committer = committer_of(archive, clock, crawl="backfill-20261124t120000z-0000000b")
    return Intake(
        committer=committer, bounds=Bounds(edition=EDITION, bases=bases), folder=lambda: folder / "spool" / "backfill", limits=Limits(**limits),
        recorder=recorder(EDITION), reread=rereader(archive.store, EDITION),
    )  # fmt: skip


def backfilled(archive, folder, clock, *places, **more):
    """Take in files and return the backfill."""
    found = Backfill(intake=intake_into(archive, folder, clock, **more))
    for place in places:
        found.file(place)
    found.intake.finish()
    return found
