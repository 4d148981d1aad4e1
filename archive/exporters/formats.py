"""The formats that an export may have: each one module and one row here."""

from archive.exporters import atom, bagit, citations, corpus, csvfile, jsonl, parquet, wacz, warcfile

FORMATS = {
    each.name: each
    for each in (
        jsonl.FORMAT,
        csvfile.FORMAT,
        parquet.FORMAT,
        warcfile.FORMAT,
        wacz.FORMAT,
        atom.FORMAT,
        *citations.FORMATS,
        bagit.FORMAT,
        corpus.FORMAT,
    )
}
"""By the word on the command line; help, errors and docs/commands.md of `scrapy export` follow it."""
