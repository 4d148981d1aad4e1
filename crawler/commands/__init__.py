"""The commands, one thin file each: parse, call, print.

Scrapy takes each module's name for the command's, and so does `presstv`. What can be tested without a command line
stands in the room that it belongs to: nothing imports from here. What only reads imports no Scrapy.
"""

import importlib
import sys

if "scrapy.cmdline" in sys.modules:
    # Scrapy looks for its commands; whoever else does so need not import it.
    importlib.import_module("crawler.cli.offered").install(__path__)
