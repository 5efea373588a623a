"""What every answer carries and every request must pass, whatever the page."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT_BYTES = 1_000_000
# Exports are larger than forms; the page that takes one says in plain words what is too much.
UPLOAD_LIMIT_BYTES = 50_000_000
_UPLOADS = re.compile(r"/imports/[^/]+")
_OURS = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """Refuses bodies that are too long or of unknown length, and sets the headers of safety.

    root: the path under which the site lies; its own paths, and where it sends a visitor, begin
    behind it.
    """

    def __init__(self, app: ASGIApp, root: str = "") -> None:
        self._app = app
        self._root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                _add_headers(headers)
                if headers.get("location", "").startswith("/"):
                    headers["location"] = self._root + headers["location"]
            await send(message)

        upload = _UPLOADS.fullmatch(scope["path"])
        limit = UPLOAD_LIMIT_BYTES if upload else BODY_LIMIT_BYTES
        refusal = _refusal(Headers(scope=scope), limit)
        await (refusal or self._app)(scope, receive, send_guarded)


def _add_headers(headers: MutableHeaders) -> None:
    for name, value in _ALWAYS.items():
        headers[name] = value
    headers.setdefault("Content-Security-Policy", _OURS)
    headers.setdefault("Cache-Control", "no-store")


def _refusal(headers: Headers, limit: int) -> PlainTextResponse | None:
    if "transfer-encoding" in headers:
        return PlainTextResponse("Say how long the body is (Content-Length).\n", 411)
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > limit:
        return PlainTextResponse(f"What was sent is longer than {limit:,} bytes.\n", 413)
    return None


def from_this_site(request: Request) -> bool:
    """Whether a change was asked for by one of our own pages, as far as the browser tells.

    Browsers send Sec-Fetch-Site to https and local addresses only, and Origin as 'null' because
    our pages ask for no referrer: the token of the session is the proof, this is the second lock.
    """
    fetched_from = request.headers.get("sec-fetch-site")
    if fetched_from is not None:
        return fetched_from in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin in (None, "null"):
        return True
    return urlsplit(str(origin)).netloc == request.headers.get("host")


def csrf_token(session_hash: str) -> str:
    """Derive the token that a session's own forms carry, from what is kept of its secret.

    So a form that comes after the session ended still tells whose it is.
    """
    return hmac.new(session_hash.encode(), b"form", hashlib.sha256).hexdigest()


def same_token(expected: str, sent: str) -> bool:
    """Compare tokens in constant time."""
    return hmac.compare_digest(expected.encode(), sent.encode())


def report_policy(html: str) -> str:
    """Return the policy for a self-contained report: only the styles that it brings, by hash."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"
        for style in re.findall(r"<style[^>]*>(.*?)</style>", html, flags=re.DOTALL)
    )
    return (
        f"default-src 'none'; style-src {hashes or chr(39) + 'none' + chr(39)}; img-src data:;"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
