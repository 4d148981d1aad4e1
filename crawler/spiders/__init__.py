"""Which requests a crawl makes, and what becomes of their answers: discovery, looks, parity, soft 404s.

What can be decided without Scrapy stands in crawl/ and pages/. Knows no command, no schedule and no backfill.
"""
