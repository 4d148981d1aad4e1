"""Captures made by others: files and indexes read with distrust, and what can be believed of them taken in.

Uses pages/ and reread/ as a crawl does. No Scrapy, and nothing that a crawl alone needs: spiders, middlewares.
"""
