"""What one crawl is asked to do: the `-a` arguments, checked before anything is fetched."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, tzinfo
from urllib.parse import urlsplit

from archive.errors import UsageError
from archive.facts.names import dated
from archive.texts.nearest import nearest
from crawler.crawl.clock import present
from crawler.crawl.named import article_named, hosts_seen, listed
from crawler.editions.edition import Edition, Section

RECHECKS = ("due", "none", "all")


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One `-a` argument, as the help of `scrapy crawl` tells it."""

    form: str
    """What stands behind the equals sign."""
    says: str
    default: str
    """In words where it is no value to write."""
    example: str


ARGUMENTS = {
    "sections": Argument(
        form="A,B", says="sections by key or menu name; all: the whole menu", default="une,europe,continu",
        example="sections=une,afrique",
    ),
    "since": Argument(
        form="DAY", says="leave older articles alone, by the day in their address", default="all of them",
        example="since=2026-11-01",
    ),
    "recheck": Argument(
        form="due|none|all", says="which known articles to look at again", default="due", example="recheck=all"
    ),
    "ids": Argument(
        form="ID,ID", says="look at these known articles only", default="what the sections list",
        example="ids=701000,701001",
    ),
    "limit": Argument(
        form="N", says="ask for N articles at most; with some left: exit 14", default="no limit", example="limit=100"
    ),
    "outlet": Argument(
        form="URL,URL", says="crawl this origin instead, and nothing else; further ones are its mirrors",
        default="the edition's hosts", example="outlet=http://127.0.0.1:8800",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One crawl's task."""

    edition: Edition
    sections: tuple[Section, ...] | None = ()
    """None means every section of the menu."""
    since: date | None = None
    recheck: str = "due"
    ids: tuple[str, ...] = ()
    """Look at these articles only."""
    limit: int | None = None
    """How many articles to ask for at most."""
    outlet: tuple[str, ...] = ()
    """Other origins, `http://127.0.0.1:8800`, without a path, first choice first; none for the edition's hosts."""

    @property
    def bases(self) -> tuple[str, ...]:
        """The origins to crawl, first choice first."""
        return self.outlet or tuple(f"https://{host}" for host in self.edition.hosts)


def plan_of(arguments: Mapping[str, str], edition: Edition) -> Plan:
    """Read the `-a` arguments of a crawl of an edition.

    Raises UsageError naming the argument, its value and what is accepted.
    """
    strangers = sorted(set(arguments) - set(ARGUMENTS))
    if strangers:
        meant = nearest(strangers[0], ARGUMENTS)
        hint = f"did you mean {meant}=…?" if meant else f"choose from {', '.join(ARGUMENTS)}"
        raise UsageError(f"no crawl argument {strangers[0]!r}; {hint}")
    outlet = _origins(arguments.get("outlet"))
    return Plan(
        edition=edition,
        sections=edition.chosen_sections(arguments.get("sections", "")),
        since=_day(arguments.get("since"), edition.vocabulary.zone),
        recheck=_choice(arguments.get("recheck", "due")),
        ids=_ids(arguments.get("ids"), edition, outlet),
        limit=_number(arguments.get("limit")),
        outlet=outlet,
    )


def _day(text: str | None, zone: tzinfo) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(dated(text, present(), zone))
    except ValueError as error:
        raise UsageError(
            f"since={text!r} is no day; write the outlet's own, as in its addresses: 2026-11-24"
        ) from error


def _choice(text: str) -> str:
    if text not in RECHECKS:
        raise UsageError(f"recheck={text!r} is not known; choose from {', '.join(RECHECKS)}")
    return text


def _ids(text: str | None, edition: Edition, outlet: tuple[str, ...]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for part in listed(text or ""):
        try:
            found[article_named(part, edition, hosts_seen(outlet))] = None
        except UsageError as error:
            raise UsageError(f"ids={error}; write ids=662518,662519, or addresses") from error
    return tuple(found)


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or int(text) == 0:
        raise UsageError(f"limit={text!r} is no number of articles; write limit=100")
    return int(text)


def _origins(text: str | None) -> tuple[str, ...]:
    return () if text is None else tuple(dict.fromkeys(_origin(part.strip()) for part in text.split(",")))


def _origin(text: str) -> str:
    if "@" in text:
        raise UsageError(
            "outlet=… holds a user or password, which others could read; write outlet=http://127.0.0.1:8800"
        )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"outlet={text!r} is no address: {error}") from error
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.username
        or parts.path.strip("/")
        or parts.query
    ):
        raise UsageError(f"outlet={text.partition('?')[0]!r} is no base address; write outlet=http://127.0.0.1:8800")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")
