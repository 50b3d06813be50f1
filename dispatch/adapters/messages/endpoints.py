"""May events be delivered to an address, and by which secret are they signed?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dispatch.adapters.messages.channels import guard_of
from dispatch.adapters.messages.libraries import endpoint_secret

if TYPE_CHECKING:
    from collections.abc import Mapping


def check_address(config: Mapping[str, Any], url: str) -> None:
    """Refuse an address that leads into the house; it may ask a name server.

    Raises:
        Invalid: naming the address.
    """
    guard_of(config["SETTINGS"]).check_saved(url)


def secret_of(config: Mapping[str, Any], salt: str) -> str:
    """Return the secret of an endpoint, from the installation's key and its salt."""
    return endpoint_secret(config["SECRET_KEY"], salt)
