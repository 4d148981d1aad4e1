"""What is known of an outlet: hosts, sections, the grammar of its addresses, the template's own words.

Descriptions, with nothing that asks or parses a page. The lowest room beside net/; knows no Scrapy.
"""
