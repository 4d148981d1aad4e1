"""Tell the archive's story on the demo outlet: what `make demo` runs, some ten seconds.

Everything is written to `var/demo`, made afresh; the commands are the real ones, run as a reader would run them.
The story ends at the first command that fails, with that command's exit code.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from demo.outlet import Article, Outlet
from demo.server import serve

ROOT = Path(__file__).resolve().parent.parent
PLACE = "var/demo"
LATEST = f"{PLACE}/latest.jsonl"
SETTINGS = {
    "ARCHIVE_URI": f"file:{PLACE}/archive",
    "CATALOG_PATH": f"{PLACE}/catalog.sqlite",
    "SPOOL_DIR": f"{PLACE}/spool",
    "DOWNLOAD_DELAY": "0",
    "AUTOTHROTTLE_ENABLED": "0",
}
FIRE, OUTAGE, FERRY, BAKER = "530887", "733413", "711958", "697008"


class StoryStopped(Exception):
    """Raise when a command of the story failed; carries its exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the command above ended with exit code {code}; the story stops here")
        self.code = code


def main() -> int:
    """Tell the story. Return 0, or the exit code of the command that failed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    shutil.rmtree(ROOT / PLACE, ignore_errors=True)
    (ROOT / PLACE).mkdir(parents=True)
    try:
        with serve() as server:
            tell(server.outlet, server.url)
    except StoryStopped as ending:
        print(f"\n{ending}", file=sys.stderr)
        return ending.code
    except KeyboardInterrupt:
        return 130
    return 0


def tell(outlet: Outlet, url: str) -> None:
    """Run the story's commands against the outlet at `url`. Raises StoryStopped."""
    say(f"A small outlet of {len(outlet.articles)} invented articles listens on {url}.")
    print("Each command below also gets " + " ".join(f"-s {name}={value}" for name, value in SETTINGS.items()))
    run("The first crawl reads every section.", "crawl", "presstv", "-a", f"outlet={url}", "-a", "sections=all")
    say("Now the outlet's editors are at work:")
    for sentence in make_news(outlet):
        print(f"  - {sentence}")
    crawl = ("crawl", "presstv", "-a", f"outlet={url}", "-a", "sections=all", "-a", "recheck=all")
    run("The second crawl looks at every known article again; most have not changed.", *crawl)
    run("Where the archive stands. A removal is believed after a second look, six hours later.", "status")
    run("The life of the article that was edited silently.", "history", FERRY)
    run("What was changed in it, sentence by sentence.", "diff", FERRY)
    run("Proof that the archive is whole: digests, and the chain of commits.", "verify")
    run(
        "The newest version of each article, one JSON record a line.",
        "export",
        "jsonl",
        "--view",
        "latest",
        "-o",
        LATEST,
    )
    say(f"The export lies in {LATEST}; nothing is left running. To open it:")
    print("\n".join(openers()))
    say("To read it in a browser, until Ctrl-C:")
    print(f"  {browser()}")


def make_news(outlet: Outlet) -> list[str]:
    """Let the editors work: two open edits, a silent one, a removal, a new article. Return a sentence for each."""
    fire = outlet.reword(FIRE, "Aucun blessé n'est à déplorer", "Deux pompiers sont légèrement blessés", open=True)
    outage = outlet.reword(OUTAGE, "1,4 million de foyers", "1,1 million de foyers", open=True)
    outlet.reword(FERRY, "2 200 passagers", "1 400 passagers", open=False)
    slip = "Le directeur de la compagnie reconnaît que deux départs ont été retardés par une panne de passerelle."
    ferry = outlet.reword(FERRY, slip, "", open=False)
    baker = outlet.remove(BAKER)
    market = outlet.publish(christmas_market(outlet))
    return [
        f"{fire.id} is edited openly, with a new date of update: {fire.headline}",
        f"{outage.id} is edited openly as well: {outage.headline}",
        f"{ferry.id} is edited silently, every date left as it was: {ferry.headline}",
        f"{baker.id} is removed: {baker.headline}",
        f"{market.id} is published: {market.headline}",
    ]


def christmas_market(outlet: Outlet) -> Article:
    """Return the article that is published between the two crawls, dated by the outlet's clock."""
    return Article(
        id="778412",
        published=outlet.clock(),
        slug="Marché-de-Noël-de-Grindau-sans-plastique",
        headline="Grindau prépare un marché de Noël sans un gramme de plastique",
        lead="Les 74 exposants ont signé une charte. Les gobelets seront en terre cuite et les guirlandes en paille.",
        body=(
            "Les clients rapporteront leur gobelet ou le garderont pour deux euros. Les potiers en ont tourné 9.000.",
            "Un exposant a été prié de reprendre son sapin artificiel. Il l’a échangé contre un houx en pot.",
            "L’idée vient d’une classe de sixième, qui avait pesé les déchets de l’an dernier : 2,7 tonnes.",
        ),
        captions=("Une guirlande de paille tressée, place du Marché. ©Agence Lumen",),
        sections=("Infos", "A La Une", "Europe", "L’INFO EN CONTINU"),
    )


def openers() -> list[str]:
    """Return commands that open the export: one with Python alone, one with DuckDB where the tests' packages are in."""
    python = shlex.quote(os.path.relpath(sys.executable, ROOT))
    query = f"SELECT article_id, headline, published.utc FROM '{LATEST}' ORDER BY published.utc DESC LIMIT 5"
    alone = f"  head -n 1 {LATEST} | {python} -m json.tool --no-ensure-ascii"
    duckdb = f'  {python} -c "import duckdb; duckdb.sql(\\"{query}\\").show()"'
    return [alone, duckdb] if find_spec("duckdb") else [alone]


def browser() -> str:
    """Return the command that opens what the story made in a browser."""
    python = shlex.quote(os.path.relpath(sys.executable, ROOT))
    options = " ".join(f"-s {name}={SETTINGS[name]}" for name in ("ARCHIVE_URI", "CATALOG_PATH"))
    return f"PYTHONPATH=. {python} -m scrapy browse {options}"


def say(sentence: str) -> None:
    """Print a sentence of the story, an empty line before it."""
    print(f"\n{sentence}", flush=True)


def run(sentence: str, *words: str) -> None:
    """Say why, print the command, run it with its output on the terminal. Raises StoryStopped when it fails."""
    say(sentence)
    print(f"$ scrapy {shlex.join(words)}", flush=True)
    options = [part for name, value in SETTINGS.items() for part in ("-s", f"{name}={value}")]
    # The reader's own project choice must not lead the story to a production archive.
    kept = {k: v for k, v in os.environ.items() if k not in {"SCRAPY_PROJECT", "SCRAPY_SETTINGS_MODULE"}}
    command = [sys.executable, "-m", "scrapy", *words, *options]
    done = subprocess.run(command, cwd=ROOT, env={**kept, "PYTHONPATH": str(ROOT)}, check=False)
    if done.returncode:
        raise StoryStopped(done.returncode)


if __name__ == "__main__":
    sys.exit(main())
