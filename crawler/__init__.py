"""What asks the outlet and reads its answers: a room for each part of a crawl, of backfill, and of the command line.

The only package that knows Scrapy, and only where a crawl runs. May use everything; nothing outside may use it.
"""
