"""Where a page itself leads its reader on."""

import pytest

from crawler.pages.onward import is_script_only, leads_to
from tests.french import EDITION, Page
from tests.made import BASE, capture

HERE = f"{BASE}/Detail/2026/11/24/7/titre"
THERE = f"{BASE}/avertissement?retour=7"
TO = "0; url=/avertissement?retour=7"
FRAME = "<nav class=menu><a href=/Section/1>Europe</a></nav><footer>Tous droits réservés, un titre du monde</footer>"
ROWS = {
    "at once": (f'<meta http-equiv="refresh" content="{TO}">', THERE),
    "capitals, single quotes": ("<META HTTP-EQUIV='Refresh' CONTENT='0;URL=\"/avertissement?retour=7\"'>", THERE),
    "content first": (f'<meta content="{TO}" http-equiv=refresh>', THERE),
    "without url=": ('<meta http-equiv="refresh" content="0, /avertissement?retour=7">', THERE),
    "by the base": (f'<base href="{BASE}/a/"><meta http-equiv="refresh" content="1.5;url=b">', f"{BASE}/a/b"),
    "in five seconds": (f'<meta http-equiv="refresh" content="5{TO[1:]}">', THERE),
    "in the body": (f'<body><p>Un instant</p><meta http-equiv="refresh" content="{TO}">', THERE),
    "a reload": ('<meta http-equiv="refresh" content="0">', HERE),
    "a reload in minutes": ('<meta http-equiv="refresh" content="300">', None),
    "home in minutes": ('<meta http-equiv="refresh" content="600; url=/">', None),
    "for readers without scripts": (f'<noscript><meta http-equiv="refresh" content="{TO}"></noscript>', None),
    "in a comment": (f'<!-- <meta http-equiv="refresh" content="{TO}"> -->', None),
    "in a script": (f'<script>var a = \'<meta http-equiv="refresh" content="{TO}">\'</script>', None),
    "no time": ('<meta http-equiv="refresh" content="jamais; url=/x">', None),
    "another pragma": ('<meta http-equiv="content-type" content="0; url=/x">', None),
    "no page of the web": ('<meta http-equiv="refresh" content="0; url=javascript:voir()">', None),
    "none": ("<p>Le mot http-equiv=refresh dans un texte</p>", None),
}


@pytest.mark.row("F-CON-01")
@pytest.mark.parametrize(("markup", "target"), ROWS.values(), ids=ROWS)
def test_a_meta_refresh(markup, target):
    """It leads on where it does so before anybody can read the page, and with scripts on."""
    page = f"<html lang=fr><head><title>Un titre</title>{markup}<p>Une page.</p></html>"

    for body in (page.encode(), page.encode("utf-16")):
        assert leads_to(capture(HERE, body=body), EDITION) == target
        assert leads_to(capture(HERE, body=body), EDITION, body) == target


@pytest.mark.row("F-CON-01")
@pytest.mark.parametrize(
    ("markup", "only"),
    [
        ("<body><script>location.href = '/consent'</script></body>", True),
        ("<body>Un instant<script>window.location='/consent'</script></body>", True),
        ("<script>document.location.replace('/consent')</script><body></body>", True),
        ("<body><noscript>Activez JavaScript</noscript><script>location.reload()</script></body>", True),
        (f"<body>{'Un instant, ' * 5}<script>if (location.href == '/') {{ voir() }}</script></body>", False),
        ("<body><div id=app></div><script src=/app.js></script></body>", True),
        (f"<body>{FRAME}<div id=app>Chargement…</div><script>start()</script></body>", True),
        (
            f"<body>{FRAME}<p>Cette rubrique ferme ses portes samedi soir.</p><script src=/app.js></script></body>",
            False,
        ),
        (f"<body>{FRAME}<script type='application/ld+json'>{{}}</script></body>", False),
        (f"<body>{FRAME}</body>", False),
        ("<body>Un instant</body>", False),
        (f"<body><p>{'Un long texte. ' * 40}</p><script>location.href = '/x'</script></body>", False),
    ],
    ids=[
        "href",
        "window",
        "in the head",
        "noscript",
        "compared",
        "an app",
        "an app in its frame",
        "a sentence in the frame",
        "data",
        "a frame alone",
        "no script",
        "a text",
    ],
)
def test_a_page_that_is_only_a_script(markup, only):
    """It shows next to nothing, and its script goes elsewhere or has yet to show the rest."""
    assert is_script_only(Page(HERE, f"<html>{markup}</html>")) is only
