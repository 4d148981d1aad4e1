"""From a question to a cited answer that anybody can check: `python -m examples.from_question_to_citation [ARCHIVE]`.

The question: where did the outlet change a number without a word? The answer: sentence by sentence, what stood there
before and after, each with a citation that any copy of the archive answers for, and a proof of the newer version.
"""

import argparse
from pathlib import Path

import archive
from archive.reading.openarchive import OpenArchive


def main() -> None:
    """Print each such change with both citations, and write its proof into a folder."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("archive", nargs="?")
    parser.add_argument("-o", "--output", type=Path, default=Path())
    words = parser.parse_args()
    with archive.open(words.archive) as opened:
        # 1. The question, by the words that choose in every command. What only a template's noise changed is none.
        edits = [change for change in opened.changes(silent=True) if not change["noise"]]
        for change in edits:
            # 2. Of these, the sentences in which a number became another one.
            numbers = [pair for pair in change["reworded"] if any(kind["type"] == "number" for kind in pair["types"])]
            if not numbers:
                continue
            print(f"\n{change['headline']}  ({change['state']})")
            for pair in numbers:
                print(f"  before  {pair['from']}\n  after   {pair['to']}")
            # 3. When: not at an instant, but between two looks.
            print(f"  edited between {change['from']} and {change['to']}; no clock of the outlet moved")
            _cite(opened, change["article_id"], change["version"], words.output)
        print(f"\nas of commit {opened.head.seq} {opened.head.digest}")


def _cite(opened: OpenArchive, article: str, number: int, folder: Path) -> None:
    """Print both versions' citations, and write the proof of the newer one."""
    for ordinal in (number - 1, number):
        # An ordinal shifts when older captures are found; the citation that it leads to never does.
        print(opened.citation(opened.version(f"{article}@{ordinal}").cite))
    newer = opened.version(f"{article}@{number}")
    path = folder / f"proof-{article}-{number}.json"
    path.write_bytes(opened.proof(newer.cite))
    print(f"  check it: python3 docs/check_proof.py {path} --head {opened.head.digest}")


if __name__ == "__main__":
    main()
