"""Which keys sign pushes to browsers?"""

from __future__ import annotations

import json

import click

from dispatch.adapters.messages.libraries import new_push_keys
from dispatch.cli.declaring import command, json_option
from dispatch.domain.errors import Refused
from dispatch.domain.sentences import say


@command("vapid", say("Make the keys that sign pushes to browsers."))
@json_option
def vapid(*, as_json: bool) -> None:
    """Print a new pair of keys; nothing is stored."""
    try:
        private, public = new_push_keys()
    except ImportError as fault:
        raise Refused(
            say(
                "The library %(library)s is not installed. Install onevisit[messages].",
                library="pywebpush",
            )
        ) from fault
    if as_json:
        click.echo(json.dumps({"private_key": private, "public_key": public}))
    else:
        click.echo(
            f"ONEVISIT_VAPID_PRIVATE_KEY={private}\nONEVISIT_VAPID_CONTACT=mailto:\n# {public}"
        )
