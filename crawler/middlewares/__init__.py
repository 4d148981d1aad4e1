"""Between the spider and the network: what guards, slows, retries and captures each request; one module a concern.

Knows Scrapy, crawl/ and what a page says of itself; no spider, no backfill, and stores nothing but captures.
"""
