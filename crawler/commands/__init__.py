"""The commands, one thin file each: parse, call, print.

Scrapy takes each module's name for the command's. What can be tested without a command line stands in the room that it
belongs to: nothing imports from here.
"""

from crawler.cli import front

front.install(__path__)
