"""HTTP exchanges as WARC records, written and read, and the index (CDXJ) beside them.

Bytes in, bytes out: no store, no log. Reading files of others, torn or hostile, is the crawler's (backfill/).
"""
