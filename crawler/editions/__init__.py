"""What is the outlet's: one file an edition, and `known.py` lists them.

Hosts, sections, addresses and the words of a template stand here and nowhere else; whoever needs them is given an
edition. No reading of pages, no asking, no Scrapy may enter.
"""
