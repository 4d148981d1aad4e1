"""`python -m archive COMMAND`: the commands that read an archive, started without Scrapy.

The program above the core is named and not imported: `archive/` knows nothing of it.
"""

import importlib
import sys

if __name__ == "__main__":
    sys.exit(importlib.import_module("crawler.cli.front").main(sys.argv))
