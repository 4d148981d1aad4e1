"""Whether the outlet answers: the address that is judged is the one that is asked."""

import socket
from datetime import UTC, datetime

import pytest

from archive.errors import RefusedByOutlet
from crawler.doctor.reach import reach
from tests.outlet_server import page, serve

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize("own", [False, True], ids=["theirs", "our own"])
@pytest.mark.parametrize("found", [["169.254.169.254"], ["93.184.216.34", "169.254.169.254"]], ids=["alone", "second"])
def test_a_name_that_leads_to_metadata_is_never_asked(monkeypatch, found, own):
    """Not even for an outlet of one's own; each address of the name is judged before any is asked."""
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in found]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: entries)
    with pytest.raises(RefusedByOutlet, match=r"exemple\.invalid leads to 169\.254\.169\.254, which is no public"):
        reach("http://exemple.invalid", "agent", lambda: NOW, own=own)


@pytest.mark.parametrize(
    ("headers", "ahead"),
    [(["Date: Tue, 24 Nov 2026 11:58:00 GMT"], 120), (["Date: hier"], None)],
    ids=["a date", "none to be read"],
)
def test_this_machine_is_asked_where_it_is_the_outlet(headers, ahead):
    """With `own` it answers, and tells how far our clock is ahead; without it is refused."""
    with serve({"/robots.txt": page(b"User-agent: *", *headers)}) as server:
        answer = reach(server.base, "agent", lambda: NOW, own=True)
        with pytest.raises(RefusedByOutlet, match="no public address"):
            reach(server.base, "agent", lambda: NOW)

    assert (answer.status, answer.body, answer.address) == (200, b"User-agent: *", "127.0.0.1")
    assert (answer.ahead and answer.ahead.total_seconds()) == ahead
