"""Network addresses: which are the open internet's, which a network's own, and which a name must not lead to (F-OUT-23)."""

import ipaddress

import pytest

from crawler.net.addresses import forbidden, is_local, is_private, is_public


@pytest.mark.row("F-OUT-23")
@pytest.mark.parametrize(
    ("text", "public", "local"),
    [
        pytest.param("93.184.216.34", True, False, id="public"),
        pytest.param("2606:2800:220:1::1", True, False, id="public-v6"),
        pytest.param("127.0.0.1", False, True, id="loopback"),
        pytest.param("::1", False, True, id="loopback-v6"),
        pytest.param("10.0.0.1", False, True, id="10/8"),
        pytest.param("172.16.3.4", False, True, id="172.16/12"),
        pytest.param("192.168.1.1", False, True, id="192.168/16"),
        pytest.param("fd00::1", False, True, id="unique-local"),
        pytest.param("169.254.169.254", False, False, id="metadata"),
        pytest.param("fe80::1", False, False, id="link-local-v6"),
        pytest.param("100.64.0.1", False, False, id="carrier-nat"),
        pytest.param("0.0.0.0", False, False, id="unspecified"),
        pytest.param("224.0.0.1", False, False, id="multicast"),
        pytest.param("255.255.255.255", False, False, id="broadcast"),
        pytest.param("::ffff:10.0.0.1", False, True, id="mapped"),
        pytest.param("::ffff:93.184.216.34", True, False, id="mapped-public"),
        pytest.param("64:ff9b::a9fe:a9fe", False, False, id="nat64-metadata"),
        pytest.param("2002:7f00:1::", False, True, id="6to4-loopback"),
        pytest.param("::127.0.0.1", False, True, id="compatible"),
        pytest.param("::ffff:0:127.0.0.1", False, True, id="translated"),
        pytest.param("::ffff:0:93.184.216.34", True, False, id="translated-public"),
        pytest.param("64:ff9b:1::a00:1", False, False, id="nat64-local-use"),
        pytest.param("2001:db8:1:1:0:5efe:10.0.0.1", False, True, id="isatap"),
        pytest.param("2600::1:200:5efe:a9fe:a9fe", False, False, id="isatap-metadata"),
        pytest.param("2001:0:7f00:1::80ff:fffe", False, True, id="teredo"),
        pytest.param("2001:0:808:808::80ff:fffe", False, True, id="teredo-client"),
        pytest.param("2001:0:a9fe:a9fe::f7f7:f7f7", False, False, id="teredo-server-metadata"),
        pytest.param("2001:0:808:808::f7f7:f7f7", True, False, id="teredo-public"),
        pytest.param("64:ff9b::127.0.0.1", False, True, id="nat64-loopback"),
        pytest.param("64:ff9b:1:7f00:0:100::", False, False, id="nat64-local-use-loopback"),
        pytest.param("::ffff:0:0:127.0.0.1", False, False, id="no prefix that is given out"),
        pytest.param("2002:c000:c0::", False, False, id="6to4-metadata"),
        pytest.param("192.0.0.192", False, False, id="metadata-192.0.0"),
        pytest.param("192.88.99.1", False, False, id="6to4-relay"),
        pytest.param("168.63.129.16", False, False, id="metadata-168"),
        pytest.param("fd00:ec2::254", False, True, id="metadata-v6"),
        pytest.param("3fff::1", False, False, id="documentation-v6"),
        pytest.param("240.0.0.1", False, False, id="reserved"),
        pytest.param("ff0e::1", False, False, id="multicast-v6"),
        pytest.param("fe80::5efe:127.0.0.1", False, False, id="isatap-link-local"),
        pytest.param("::", False, False, id="unspecified-v6"),
        pytest.param("fec0::1", False, False, id="site-local"),
        pytest.param("5f00::1", False, False, id="segment-routing"),
        pytest.param("4000::1", False, False, id="not given out"),
        pytest.param("2a00:1450:4007::1", True, False, id="public-v6 of another"),
    ],
)
def test_address(text, public, local):
    """An address is public, local, or neither; one that carries an IPv4 address is judged as that."""
    address = ipaddress.ip_address(text)

    assert (is_public(address), is_local(address)) == (public, local)


@pytest.mark.row("F-OUT-23")
@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST.", "a.localhost", "127.1", "0x7f.1", "127.0.0.1.", "::127.0.0.1"]
)
def test_a_host_that_is_private_by_its_spelling(host):
    """However it is written: as a name, short, in hex, with a dot at its end."""
    assert is_private(host)
    assert not is_private("example.org.")


@pytest.mark.row("F-OUT-23")
@pytest.mark.parametrize(
    ("resolved", "found", "at_home"),
    [
        pytest.param(["93.184.216.34"], None, None, id="public"),
        pytest.param(["93.184.216.34", "10.0.0.1"], "10.0.0.1", None, id="one of two"),
        pytest.param(["93.184.216.34", "169.254.169.254"], "169.254.169.254", "169.254.169.254", id="metadata"),
        pytest.param(["127.0.0.1", "::1"], "127.0.0.1", None, id="loopback"),
        pytest.param(["fe80::1%2"], "fe80::1", "fe80::1", id="scope"),
        pytest.param([], None, None, id="none"),
    ],
)
def test_forbidden(resolved, found, at_home):
    """Each address of a name is judged, the later ones too; what is one's own is let in by the rule that is given."""
    assert (forbidden(resolved), forbidden(resolved, is_local)) == (found, at_home)
