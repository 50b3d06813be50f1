"""Which security headers does every answer carry?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.access import origin_of
from dispatch.domain.map_tiles import tile_source

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response

    from dispatch.config import Settings

PERMISSIONS_POLICY = "geolocation=(self), camera=(self), microphone=()"
SPOKEN_POLICY = PERMISSIONS_POLICY.replace("microphone=()", "microphone=(self)")
"""Where a note is said aloud."""


def security_headers(settings: Settings) -> Callable[[Response], Response]:
    """Return a function that puts the strict content policy and its companions on an answer."""
    tiles = tile_source(settings.basemap_url)
    basemap = f" {tiles}" if tiles else ""
    stream = f" {origin_of(settings.live_url)}" if settings.live_url else ""
    policy = "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src 'self' data: blob:{basemap}",
            f"connect-src 'self'{stream}",
            "font-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        )
    )
    fixed = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": PERMISSIONS_POLICY,
    }
    if settings.base_url.startswith("https:"):
        fixed["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    def apply(answer: Response) -> Response:
        for name, value in fixed.items():
            answer.headers.setdefault(name, value)
        if answer.mimetype in {"text/html", "application/json"}:
            answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    return apply
