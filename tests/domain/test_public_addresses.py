"""Can letters lead our server to an internal address, and is one network one, however written?"""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.errors import Invalid
from dispatch.domain.public_addresses import check_webhook_url, is_public, network_of

INSIDE = [
    "127.0.0.1", "127.255.255.254", "10.1.2.3", "172.31.255.255", "192.168.0.1", "169.254.169.254",
    "100.100.100.200", "0.0.0.1", "224.0.0.251", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "192.0.0.8", "198.18.0.1", "192.0.2.1", "::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1",
    "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:10.0.0.1", "::ffff:7f00:1", "::127.0.0.1",
    "2002:a00:1::", "2002:7f00:1::1", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "2001:db8::1",
    "2001:0:7f00:1::", "nonsense", "",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_internal_address_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111",
                                     "::ffff:8.8.8.8", "2002:808:808::1"])  # fmt: skip
def test_an_address_of_the_internet_is(address):
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_as_public_as_the_one_inside(address):
    assert is_public(f"::ffff:{address}") == is_public(str(address))
    if not is_public(str(address)):
        inner = int(address)
        assert not is_public(str(ipaddress.IPv6Address((0x64FF9B << 96) | inner)))


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/x", "ftp://hooks.example", "//hooks.example", "hooks.example", "",
        "https://", "https://user@hooks.example", "https://user:pw@hooks.example",
        "https://hooks.example/#x", "https://hooks.example:0/", "https://hooks.example:99999/",
        "https://hooks.example:x/", "https://hooks.example/a b", "https://hooks.example\\@x.example/",
        "https://hooks.example/\n", "https://höoks.example", "https://127。0。0。1", "https://[::1",
        "https://localhost/", "https://LOCALHOST./", "https://a.localhost/", "https://printer.local/",
        "https://intranet/", "https://127.0.0.1/", "https://127.1/", "https://2130706433/",
        "https://0x7f000001/", "https://0x7f.0.0.1/", "https://0177.0.0.1/", "https://0/",
        "https://10.0.0.1./", "https://[::1]/", "https://[::ffff:127.0.0.1]/",
        "https://[fe80::1%25eth0]/", "https://169.254.169.254/latest/meta-data/",
        "https://1.2.3.4.5/", "https://a..example/", "https://%31%32%37.0.0.1/",
        "https://hooks.example/" + "x" * 2000,
    ],
)  # fmt: skip
def test_an_address_that_may_not_be_called_is_refused_by_its_field(url):
    with pytest.raises(Invalid) as refusal:
        check_webhook_url(url)
    assert set(refusal.value.fields) == {"url"}


@pytest.mark.parametrize(
    "url", ["https://hooks.example/x?y=1", "https://HOOKS.example:8443", "https://8.8.8.8/",
            "https://[2606:4700::1111]/", "https://a_b.example./x"],
)  # fmt: skip
def test_an_address_of_the_internet_may_be_called(url):
    assert check_webhook_url(url).scheme == "https"


def test_named_hosts_and_http_need_their_settings():
    with pytest.raises(Invalid):
        check_webhook_url("https://erp.internal.local/")
    inside = frozenset({"erp.internal.local", "127.0.0.1"})
    assert check_webhook_url("https://ERP.internal.local/", inside=inside)
    assert (
        check_webhook_url("http://127.0.0.1:9000/x", allows_http=True, inside=inside).port == 9000
    )
    with pytest.raises(Invalid):
        check_webhook_url("http://127.0.0.1:9000/x", inside=inside)
    with pytest.raises(Invalid, match="443, 8443 and 80 alone"):
        check_webhook_url("https://hooks.example:9200/x", inside=inside)
    inside |= {"hooks.example"}
    assert check_webhook_url("https://hooks.example:9200/x", inside=inside).port == 9200
    with pytest.raises(Invalid):
        check_webhook_url("https://127.0.0.2/", inside=inside)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_a_subscriber_of_a_provider_is_one_network(address, network):
    assert network_of(address) == network
