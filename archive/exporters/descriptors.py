"""A corpus described for programs: as a Data Package and as Croissant 1.0, its files with their bytes and digests.

https://specs.frictionlessdata.io/data-package/, http://mlcommons.org/croissant/1.0
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from archive.exporters.documents import Document
from archive.exporters.manifest import RIGHTS
from archive.exporters.rowtypes import fields_of, given, item_of
from archive.exporters.targets import WrittenFile
from archive.exporters.warcfile import head_told
from archive.facts.names import stamp
from archive.opened import Archive

_KINDS = {
    "jsonl": "application/jsonlines", "csv": "text/csv", "txt": "text/plain", "md": "text/markdown",
}  # fmt: skip
_LINES = "documents.jsonl"
"""The file of which Croissant names every field."""
_INSTANTS = ("date", "captured_at")
_KEYS = ("doc_id", "id", "field")
_TYPES = {str: ("string", "sc:Text"), int: ("integer", "sc:Integer"), bool: ("boolean", "sc:Boolean")}
_NUMBERS = {"present": "integer", "missing": "integer", "share": "number"}
"""Columns of fields.csv that are no text."""
_CONTEXT = {
    "@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/", "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"}, "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{
        name: f"cr:{name}"
        for name in (
            "citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty", "fileObject", "fileSet",
            "format", "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet",
            "references", "regex", "repeated", "replace", "samplingRate", "separator", "source", "subField",
            "transform",
        )
    },
}  # fmt: skip
"""The context that every Croissant file of version 1.0 has; readers warn of another one."""


def described(
    archive: Archive, count: int, files: Iterable[WrittenFile], columns: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, Any]]:
    """Return file name → description of a corpus of so many documents, in these files.

    `columns` are those of the files that are tables.
    """
    words, held = archive.catalog.vocabulary, list(files)
    about = f"{count} texts of {words.outlet or words.edition}, one an article"
    return {
        "datapackage.json": _package(archive, about, held, columns),
        "croissant.json": _croissant(archive, about, held),
    }


def _package(
    archive: Archive, about: str, files: Iterable[WrittenFile], columns: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    # Readers go by the order of the first line's names, which is that of canonical JSON.
    tables = {_LINES: sorted(fields_of(Document)), **columns}
    return {
        "profile": "data-package", "name": f"{archive.catalog.vocabulary.edition}-corpus", "title": about,
        "created": stamp(head_told(archive)[1]), "description": RIGHTS,
        "resources": [_resource(each, tables.get(each.name)) for each in files],
    }  # fmt: skip


def _resource(file: WrittenFile, columns: Sequence[str] | None) -> dict[str, Any]:
    ending = file.name.rpartition(".")[2]
    told: dict[str, Any] = {
        "name": file.name.lower().replace("/", "-"), "path": file.name, "mediatype": _KINDS[ending],
        "format": ending, "encoding": "utf-8", "bytes": file.bytes, "hash": file.sha256,
    }  # fmt: skip
    if not file.bytes:
        return told | {"type": "file"}  # readers of tables take one without a line for a broken one
    if columns:
        key = next(name for name in columns if name in _KEYS)
        schema = {"fields": [_column(name) for name in columns], "primaryKey": [key]}
        told |= {"profile": "tabular-data-resource", "schema": schema}
    return told


def _column(name: str) -> dict[str, str]:
    kind = fields_of(Document).get("doc_id" if name == "id" else name)
    if kind is None:
        return {"name": name, "type": _NUMBERS.get(name, "string")}
    if name in _INSTANTS:
        return {"name": name, "type": "datetime", "format": "any"}
    return {"name": name, "type": "array" if item_of(kind) else _TYPES[given(kind)][0]}


def _croissant(archive: Archive, about: str, files: Sequence[WrittenFile]) -> dict[str, Any]:
    words, head, at = archive.catalog.vocabulary, archive.catalog.head(), head_told(archive)[1]
    whose = f"{words.outlet or words.edition}: corpus of {words.edition}"
    return {
        "@context": _CONTEXT, "@type": "sc:Dataset", "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": f"{words.edition}-corpus", "description": f"{about}. {RIGHTS}", "license": RIGHTS,
        "datePublished": stamp(at)[:10], "version": f"{head.seq}.0.0",
        "citeAs": f"{whose}, commit {head.seq} {head.digest or ''}".strip(),
        "distribution": [_file_object(each) for each in files],
        "recordSet": [
            {
                "@type": "cr:RecordSet", "@id": "documents", "name": "documents", "key": {"@id": "documents/doc_id"},
                "field": [_field(name, kind) for name, kind in fields_of(Document).items()],
            }
        ],
    }  # fmt: skip


def _file_object(file: WrittenFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject", "@id": file.name, "name": file.name, "contentUrl": file.name,
        "contentSize": f"{file.bytes} B", "encodingFormat": _KINDS[file.name.rpartition(".")[2]],
        "sha256": file.sha256.removeprefix("sha256:"),
    }  # fmt: skip


def _field(name: str, kind: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "@type": "cr:Field", "@id": f"documents/{name}", "name": name,
        "dataType": "sc:DateTime" if name in _INSTANTS else _TYPES[item_of(kind) or given(kind)][1],
        "source": {"fileObject": {"@id": _LINES}, "extract": {"column": name}},
    }  # fmt: skip
    return told | ({"repeated": True} if item_of(kind) else {})
