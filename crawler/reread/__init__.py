"""Stored captures read as if they had just come: what a crawl left in its spool, and every segment for a replay.

Uses pages/ and the pipelines as a crawl does. No crawl runs here, and no Scrapy.
"""
