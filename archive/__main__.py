"""`python -m archive COMMAND`: the commands that read an archive, as `presstv` starts them.

The program above the core is named and not imported: `archive/` knows nothing of it.
"""

import runpy

if __name__ == "__main__":
    runpy.run_module("crawler.cli.front", run_name="__main__")
