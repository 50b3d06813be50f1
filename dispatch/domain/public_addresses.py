"""May our server be told to call this address, and whose network does one who calls us use?"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from collections.abc import Collection
    from urllib.parse import SplitResult

    from dispatch.domain.sentences import Sentence

LONGEST_URL = 2000
PORTS = (None, 80, 443, 8443)
# RFC 8215, local translation, and RFC 6890, protocol assignments: older Pythons call them global.
_NETWORKS = (ipaddress.ip_network("64:ff9b:1::/48"), ipaddress.ip_network("192.0.0.0/24"))
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*\.?")
# What inet_aton takes for an IPv4 address: 127.1, 0177.0.0.1, 0x7f000001, 2130706433.
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)\.?")


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the internet's: no machine, network or cloud of ours.

    An IPv4 address inside an IPv6 one (mapped, 6to4, Teredo) is looked at as well.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.scope_id is not None:
            return False
        if found.ipv4_mapped is not None:
            return _is_global(found.ipv4_mapped)
        inner = [found.sixtofour, *(found.teredo or ())]
        if any(each is not None and not _is_global(each) for each in inner):
            return False
    return _is_global(found)


def _is_global(found: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if found.is_multicast or found.is_reserved or found.is_link_local or found.is_loopback:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.is_site_local:
        return False
    if any(found.version == network.version and found in network for network in _NETWORKS):
        return False
    return found.is_global and not found.is_unspecified


def network_of(address: str) -> str:
    """Return what one subscriber of a provider holds: an address of IPv4, a /64 of IPv6.

    What is no IP address is returned as it is.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(found), 64), strict=False))


def check_webhook_url(
    url: str, *, allows_http: bool = False, inside: Collection[str] = ()
) -> SplitResult:
    """Return the parts of an address that may be called, as far as its letters tell.

    `inside` names hosts that are called although they are ours.

    Raises:
        Invalid: naming the field `url`, with what is wrong.
    """
    parts, fault = _parts_of(url)
    if parts is not None:
        schemes = {"https", "http"} if allows_http else {"https"}
        fault = _scheme_fault(parts, schemes) or _host_fault(parts, inside)
    if parts is None or fault is not None:
        sentence = fault or unreadable_sentence()
        raise Invalid(sentence, fields={"url": sentence})
    return parts


def _parts_of(url: str) -> tuple[SplitResult | None, Sentence | None]:
    if len(url) > LONGEST_URL or not (url.isascii() and url.isprintable()) or set(url) & set(" \\"):
        fault = say("Write the address in plain letters without blanks, at most 2,000.")
        return None, fault
    try:
        parts = urlsplit(url)
        is_readable = parts.port != 0
    except ValueError:
        return None, None
    return (parts if is_readable else None), None


def _scheme_fault(parts: SplitResult, schemes: Collection[str]) -> Sentence | None:
    if parts.scheme not in schemes:
        return say("The address must begin with https://.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        return say("The address may hold no name, no password and no #.")
    return None


def _host_fault(parts: SplitResult, inside: Collection[str]) -> Sentence | None:
    host = (parts.hostname or "").lower()
    if host and host in inside:
        return None
    fault = _name_fault(host)
    if fault is None and parts.port not in PORTS:
        return say(
            "Webhooks call the ports 443, 8443 and 80 alone. Name the host in "
            "ONEVISIT_WEBHOOK_HOSTS if another is meant."
        )
    return fault


def _name_fault(host: str) -> Sentence | None:
    is_number = bool(_NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]))
    if ":" in host or (is_number and _is_plain_ipv4(host)):
        return None if is_public(host) else inside_sentence()
    if is_number:
        return say("Write an IP address as four plain numbers, or use a name.")
    if not _NAME.fullmatch(host):
        return unreadable_sentence()
    name = host.rstrip(".")
    is_inside = "." not in name or name.endswith((".localhost", ".local"))
    return inside_sentence() if is_inside else None


def _is_plain_ipv4(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


def unreadable_sentence() -> Sentence:
    """Return what is said of text that is no address."""
    return say("This is no address that can be read.")


def inside_sentence() -> Sentence:
    """Return what is said of an address that leads to a machine of one's own network."""
    return say(
        "This address leads into an internal network. Name the host in ONEVISIT_WEBHOOK_HOSTS if "
        "it is meant."
    )
