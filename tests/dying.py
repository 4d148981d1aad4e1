"""Commands with worker processes, of which one dies at a piece of our choosing, or which are stopped at a result.

`COMMAND` is given to `Project.run_by`; `of` says in the environment what is to happen. A worker begins anew and knows
nothing of what was patched here, so what it is sent to do is a function of this module.
"""

import json
import os
import signal
from pathlib import Path

from archive.exporters import ranges
from archive.parallel import workers
from crawler.backfill import foreseen

COMMAND = """
import sys
from scrapy.cmdline import execute
from tests.dying import arm
arm()
execute(["scrapy", *sys.argv[1:]])
"""
_PLAN = "TESTS_DYING"
_done, _result = workers._done, workers._Crew.result


def of(folder, *, worker=0, piece="", stop=None, at=0, terminal=False):
    """Return the environment in which a worker dies at the so-manieth piece, once, or at each that names `piece`.

    The command itself gets the signal `stop` before it takes its so-manieth result, and with `terminal` its workers, too.
    Pieces begun are counted in a file of the folder, which `begun` reads.
    """
    plan = {"folder": str(folder), "worker": worker, "piece": piece, "stop": stop, "at": at, "terminal": terminal}
    return {_PLAN: json.dumps(plan)}


def begun(folder):
    """Return how many pieces were begun."""
    file = Path(folder) / "pieces"
    return file.stat().st_size if file.exists() else 0


def arm():
    """Let it happen in this process, and in those that it starts; small files and ranges are worth them here."""
    plan, taken = json.loads(os.environ[_PLAN]), []
    # Whoever runs the tests in the background has it ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def result(crew, *args):
        taken.append(1)
        if len(taken) == plan["at"]:
            os.kill(0 if plan["terminal"] else os.getpid(), plan["stop"])
        return _result(crew, *args)

    workers._done, workers._Crew.result = done, result
    ranges._TO_A_RANGE, foreseen.LEAST_BYTES = 1, 0


def done(piece):
    """Do a piece as a worker does, or die of it."""
    plan = json.loads(os.environ[_PLAN])
    with (Path(plan["folder"]) / "pieces").open("ab", buffering=0) as file:
        file.write(b".")
        number = file.tell()
    if number == plan["worker"] or (plan["piece"] and plan["piece"] in str(piece)):
        os.kill(os.getpid(), signal.SIGKILL)
    return _done(piece)
