"""What is stored in place of a secret?"""

from __future__ import annotations

import hashlib


def secret_hash(secret: str) -> str:
    """Return what is stored in place of the secret of a session, a phone or a program."""
    return hashlib.sha256(secret.encode()).hexdigest()
