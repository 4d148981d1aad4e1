"""One crawl: its plan, walks, re-checks, ledger and brake, the session that opens it, the report at its end.

What is decided about requests, but none is made here: that is for spiders/ and middlewares/, which this room does not
know. Only what opens, runs and sets up a crawl knows Scrapy.
"""
