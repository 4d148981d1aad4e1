"""Pages a second: a known layout against trafilatura's fast mode over the same pages, side by side, as a ratio.

Run `python -m benchmarks.reading`. Nothing is asserted; trust the ratio, not the figures.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime

import trafilatura

from archive.facts.items import Capture
from crawler.editions.presstv_fr import PRESSTV_FR
from crawler.pages import Reading, read

SENTENCE = "Le conseil municipal a examiné mercredi le projet de rénovation du vieux marché, a-t-on appris sur place. "
ROUNDS = 7


def page(number: int, *, paragraphs: int, boxes: int) -> str:
    """Return a page of the modern layout with menus and boxes, 30 to 120 kB."""
    body = "".join(f"<p>{SENTENCE * 4}{number}-{n}</p>" for n in range(paragraphs))
    box = "".join(
        f'<li class="item"><div class=thumb><a href="/Detail/2021/05/01/{n}/sujet-{n}">'
        f'<img src="//cdn.invalid/{n}.jpg" alt=""></a></div>'
        f'<h3><a href="/Detail/2021/05/01/{n}/sujet-{n}">Un autre sujet du jour, le {n}e</a></h3></li>'
        for n in range(boxes)
    )
    return (
        f"<!doctype html><html lang=fr><head><meta charset=utf-8><title>Titre du sujet {number}</title>"
        "<meta name='DC.Date.Created' content='5/1/2021 9:30:00 AM'/></head><body>"
        "<nav class=menu><a href=/Section/1>Infos</a></nav><div class=breadcrumb>Infos &nbsp;/&nbsp; Europe</div>"
        f"<h1 class=news-title-container>Titre du sujet {number}</h1>"
        f"<time class=news-detail>Sat May 01, 2021 9:30AM</time><div class=lead>{SENTENCE}</div>"
        f"<div class='news-body-container'>{body}</div><ul class=side>{box}</ul></body></html>"
    )


def seconds(task: Callable[[str], object], pages: list[str]) -> float:
    """Return how long a task takes over all pages; counts that each gave an answer."""
    start = time.perf_counter()
    answers = [task(markup) for markup in pages]
    taken = time.perf_counter() - start
    if not all(answers):
        raise SystemExit("a page was not read: the comparison would be worthless")
    return taken


def read_of(markup: str) -> Reading:
    """Read a page's markup as the outlet's answer."""
    capture = Capture(
        url="https://french.presstv.ir/Detail/2021/05/01/650001/sujet",
        captured_at=datetime(2021, 5, 1, tzinfo=UTC),
        status=200,
        response_headers=((b"Content-Type", b"text/html; charset=utf-8"),),
        body=markup.encode(),
    )
    return read(capture, PRESSTV_FR)


def ours(markup: str) -> object:
    return read_of(markup).article


def theirs(markup: str) -> object:
    return trafilatura.bare_extraction(markup, fast=True, with_metadata=True)


def text_alone(markup: str) -> object:
    """Read by trafilatura without author, date and title, which half of its time goes to; ours reads them all."""
    return trafilatura.bare_extraction(markup, fast=True, with_metadata=False)


def measure(theirs: Callable[[str], object] = theirs) -> dict[str, float]:
    """Return pages a second of both and their ratio, medians of interleaved rounds."""
    pages = [page(n, paragraphs=10 + n, boxes=60 + 8 * n) for n in range(30)]
    rounds = [(seconds(ours, pages), seconds(theirs, pages)) for _ in range(ROUNDS)]
    own, other = (len(pages) / statistics.median(column) for column in zip(*rounds, strict=True))
    size = statistics.mean(len(markup) for markup in pages) / 1000
    return {"kB a page": size, "ours, pages/s": own, "trafilatura fast, pages/s": other, "ratio": own / other}


def main() -> None:
    for name, value in measure().items():
        print(f"{value:10.1f}  {name}")


if __name__ == "__main__":
    main()
