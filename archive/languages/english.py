"""English. What servers, walls and registrars say is English under pages of any language."""

from archive.languages.language import DateWords, Language, words

ENGLISH = Language(
    code="en",
    stems="english",
    counts=words(
        r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
        r"|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?"
        r"|billions?|trillions?|dozens?|scores|half|halves|thirds?|quarters?|twice|thrice)\b"
    ),
    saying=words(
        r"\b(?:according to|said|says?|saying|told|tells|stat(?:es|ed|ing)|claim(?:s|ed|ing)?|alleg(?:es|ed|ing)"
        r"|announc\w*|declar\w*|report(?:s|ed|edly|ing)?|confirm\w*|den(?:y|ies|ied|ying)|add(?:s|ed|ing)|insist\w*"
        r"|argu(?:es|ed|ing)|warn(?:s|ed|ing)?|admit\w*|acknowledg\w*|accus\w*|cit(?:es|ed|ing)|quot(?:es|ed|ing)"
        r"|stress(?:es|ed|ing)|not(?:es|ed|ing)|explain\w*|sources?)\b"
    ),
    hedges=words(
        r"\b(?:may(?= (?:be|have|not|also|yet|well|soon|still)\b)|might|could|would|perhaps|maybe|possibl[ey]"
        r"|probabl[ey]|likely|unlikely|apparent(?:ly)?|seem(?:s|ed|ing|ingly)?|appear(?:s|ed)? to|allegedly"
        r"|alleged|reportedly|purported(?:ly)?|supposed(?:ly)?|presumabl[ey]|so-called|suspected|about(?= \d)"
        r"|around(?= \d)|roughly|approximately|nearly|almost|some(?= \d)|an estimated|at least|at most|more than"
        r"|less than|fewer than|up to"
        r"|several|a few)(?!\w)"
    ),
    abbreviations=frozenset([
        "mr", "mrs", "ms", "dr", "drs", "prof", "rev", "hon", "st", "sr", "jr", "gen", "col", "lt", "maj", "capt",
        "cpl", "sgt", "cmdr", "adm", "rep", "reps", "sen", "sens", "gov", "pres", "amb", "min", "vs", "cf", "vol",
        "fig", "ed", "pp", "dept", "est", "approx", "inc", "ltd", "co", "corp", "bros", "ave", "blvd", "mt", "ft",
    ]),
    short_months=frozenset(
        ["jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "no", "p"]
    ),
    related=words(
        r"(?:(?:read|watch|see)\s+(?:also|more|next)|also\s+(?:read|watch|see)|related(?:\s+(?:stories|story|articles?))?)"
        r"(?:\s*:\s*|\s*$)"
    ),
    related_line=words(r"(?:(?:read|watch|see) (?:also|more|next)|also (?:read|watch|see)|related) ?:.*"),
    dates=DateWords(
        months=(
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
            "september sept sep", "october oct", "november nov", "december dec",
        ),
        full=(
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December",
        ),
        weekdays=(
            "sun mon tue wed thu fri sat monday tuesday tues wednesday thursday thurs thur friday saturday sunday"
        ),
        units={
            "s": "second", "sec": "second", "secs": "second", "second": "second", "seconds": "second", "min": "minute",
            "mins": "minute", "minute": "minute", "minutes": "minute", "h": "hour", "hr": "hour", "hrs": "hour",
            "hour": "hour", "hours": "hour", "day": "day", "days": "day", "week": "week", "weeks": "week",
        },
        back={"yesterday": 1, "today": 0},
        now=("just now", "now"),
        ago="{} ago",
        moment="just now",
        labels=("last updated", "updated", "published", "posted", "date"),
        updates=(r"last\s+(?:updated?|modified)", "updated", r"update\s*:"),
        published=("published", "posted"),
        on=("on",),
        leaning=("ago", "yesterday", "today", "now"),
    ),
    gone=(
        r"(?:page|article|content|file) (?:was )?not found|(?:could(?: not|n['\u2019]t)|cannot) be found"
        r"|no longer (?:available|exists?)|does(?: not|n['\u2019]t) exist|\berror\s*404\b|^\W*404\b"
    ),
    gone_with=(
        r"\b(?:oops|sorry|we|we['\u2019]re|error|404|not|found|an?|the|this|that|page|article|content|file|video|document"
        r"|story|link|url|address|resource|you|you['\u2019]re|requested|looking|searching|for|are|were|tried|trying|have|to"
        r"|reach|view|open|is|was|has|been|be|it|may|might|moved|removed|deleted|or|and|on|server|site|our|http|https)\b"
    ),
    gone_itself=r"\b(?:this|you|requested)\b",
    wall=(
        r"just a moment|attention required!?\s*\|\s*cloudflare|checking your browser|are you a robot"
        r"|verif(?:y|ying) (?:that )?you are (?:a )?human|enable javascript and cookies to continue|access denied"
        r"|ddos protection by|security check|pardon our interruption|request unsuccessful\. incapsula"
    ),
    seized=(
        r"(?:website|domain|domain name|site)\s+(?:\S+\s+){0,4}has been seized|seizure warrant"
        r"|seized by the (?:united states|u\.?s\.?|federal|fbi)"
    ),
    parked=(
        r"domain (?:name )?(?:is|may be) for sale|buy this domain|parked (?:free|domain|page)|domain parking"
        r"|sedoparking|this domain has expired|hugedomains"
    ),
)  # fmt: skip
