"""Where a message may go: a name or number is looked up once, checked, and only that number is called.

A program outside that names a receiver must not make this server call what stands beside it: its database,
a router, the cloud's own address. So private, loopback, link-local and other special addresses are refused,
whatever name leads there, unless the deployment lists their network in `WANGGE_WEBHOOK_NETWORKS`. Only
there may a message travel without TLS.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from wangge.foundation.refusals import Refusal

LONGEST_URL = 500
_PORTS = {"https": 443, "http": 80}

Address = IPv4Address | IPv6Address

_INSIDE = _("This address lies in a private network that is not listed. Have it listed or use another.")


class UnableToReach(Refusal):
    """The address cannot be called. Codes: `bad_url`, `unknown_host`, `inside`, `no_tls`."""


@dataclass(frozen=True)
class Target:
    """A receiver looked up: the one address to call, and the name it must prove to have."""

    scheme: str
    host: str
    port: int
    path: str
    address: str

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS[self.scheme] else f"{name}:{self.port}"


def target_of(url: str) -> Target:
    """Look the receiver up; UnableToReach for what is no address of ours to call."""
    parts = _split(url)
    host = parts.hostname or ""
    port = parts.port or _PORTS[parts.scheme]
    found = _addresses(host, port)
    for address in found:
        known = _listed(address)
        if not known and not _outside(address):
            raise UnableToReach("inside", _INSIDE, field="url")
        if not known and parts.scheme != "https":
            raise UnableToReach("no_tls", _("Use an address that begins with https://."), field="url")
    path = parts.path or "/"
    return Target(parts.scheme, host, port, f"{path}?{parts.query}" if parts.query else path, str(found[0]))


def _split(url: str) -> SplitResult:
    bad = UnableToReach(
        "bad_url",
        _("This is no address a message can be sent to. It looks like https://name/path."),
        field="url",
    )
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise bad
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise bad from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.username or parts.password or port == 0:
        raise bad
    if parts.fragment or "@" in parts.netloc:
        raise bad
    return parts


def _addresses(host: str, port: int) -> list[Address]:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        rows = []
    found = [ip_address(str(row[4][0]).partition("%")[0]) for row in rows]
    if not found:
        raise UnableToReach("unknown_host", _("Nobody knows this host. Check its name."), field="url")
    return list(dict.fromkeys(_plain(address) for address in found))


def _plain(address: Address) -> Address:
    """An IPv4 address in IPv6 clothes is what it is inside."""
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or address.sixtofour or address
    return address


def _outside(address: Address) -> bool:
    nat64 = isinstance(address, IPv6Address) and address in ip_network("64:ff9b::/96")
    return address.is_global and not address.is_multicast and not nat64


def _listed(address: Address) -> bool:
    return any(address in ip_network(network) for network in settings.WEBHOOK_NETWORKS)
