"""How the web is asked without a crawl: which addresses may be asked, waits between tries, origins, polite fetching.

Knows no page, no edition and no Scrapy; what an answer means is for the rooms above.
"""
