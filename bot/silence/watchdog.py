"""Does the review's program still live, and does its certificate hold? Asked from elsewhere.

What is found wrong is said in one line each, with what to do, for people who did not set the
program up. The status is taken for what anybody could have written: every field is looked at
before it is believed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.silence.signing_key import key_id, signature_holds
from bot.surveillance.lateness import LATE, Light, certificate_is_late
from state.codec import Json, canonical, moment

# The status is written every hour: a machine that is off for a night and a day is no alarm yet.
DEFAULT_MAX_AGE = timedelta(hours=48)
# A copy of the status is fetched once a day or oftener: until then it may hold the certificate
# before the last.
A_COPY_MAY_LAG = timedelta(hours=24)
# Clocks that nobody sets drift by minutes in a year; an hour is a clock set wrong.
CLOCKS_DIFFER = timedelta(hours=1)
MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Memory:
    """What was seen the last time: the key, how old the status was, how long the log."""

    key: str
    written_at: str
    events: int


@dataclass(frozen=True, slots=True)
class Watch:
    """What to hold the status against. key: the public key as it was told once, if it was."""

    now: datetime
    key: str | None = None
    max_age: timedelta = DEFAULT_MAX_AGE
    before: Memory | None = None

    @property
    def expected_key(self) -> str | None:
        """The key to expect: the one told, else the one remembered."""
        return self.key or (self.before.key if self.before is not None else None)


@dataclass(frozen=True, slots=True)
class WatchdogReport:
    """complaints: one line each, none where all is well; notes: what is no alarm but worth saying.

    memory: what to remember for the next time, None where the status is not to be believed.
    """

    complaints: tuple[str, ...]
    notes: tuple[str, ...] = ()
    review: str | None = None
    verdict: str | None = None
    issued_at: str | None = None
    memory: Memory | None = None

    @property
    def well(self) -> bool:
        """Whether there is nothing to complain of."""
        return not self.complaints


def look(status: Json, against: Watch) -> WatchdogReport:
    """Hold a status against the clock, the key and what was seen the last time."""
    written = _instant(status, "written_at")
    if written is None or _text(status, "public_key") is None:
        return WatchdogReport(
            ("this is no status file of the program: give it the right file or address",)
        )
    doubts = [*_of_key(status, against), *_of_signature(status)]
    certificate = _object(status, "certificate")
    body = _body(certificate) if certificate is not None else {}
    complaints = [*doubts, *_of_age(written, against), *_of_replay(status, body, against)]
    if certificate is None:
        complaints.append(
            "no round of all sources was completed yet: if the program was started more than a day"
            " ago, look at its status page"
        )
    else:
        complaints += [
            *_of_certificate(certificate, body, against),
            *_of_round(body, written, against),
        ]
    complaints += _of_sources(status)
    notes = _notes(status, against)
    memory = None if doubts else _memory(status, body, against)
    return WatchdogReport(
        tuple(complaints),
        tuple(notes),
        _text(status, "review"),
        _text(body, "verdict"),
        _text(body, "issued_at"),
        memory,
    )


def _of_key(status: Json, against: Watch) -> list[str]:
    public, expected = _text(status, "public_key") or "", against.expected_key
    if expected is None or public == expected:
        return []
    return [
        f"the key is another ({key_id(public)}) than the one to expect ({key_id(expected)}): the"
        " program was restored or moved, or this is somebody else's file; ask who keeps it, and"
        " tell the watchdog the new key only if they know why"
    ]


def _of_signature(status: Json) -> list[str]:
    """Check the signature of the file itself: its age and its lights are signed too."""
    unsigned = {name: value for name, value in status.items() if name != "signature"}
    public, signature = _text(status, "public_key") or "", _text(status, "signature") or ""
    if _holds(public, unsigned, signature):
        return []
    return [
        "the signature of the file does not hold: it was changed or mixed after it was written;"
        " fetch it again from the program itself, and do not rely on this one"
    ]


def _holds(public: str, unsigned: Json, signature: str) -> bool:
    try:
        return signature_holds(public, canonical(unsigned), signature)
    except (ValueError, RecursionError):  # an infinite number, half a pair of surrogates, …
        return False


def _of_age(written: datetime, against: Watch) -> list[str]:
    if written > against.now + CLOCKS_DIFFER:
        return [
            f"the status was written in the future ({_minute(written)}): the clock of one of the"
            " two machines is wrong; set it right"
        ]
    if against.now - written > against.max_age:
        return [
            f"the program has written nothing since {_minute(written)}: it may be dead; start it"
            " again (livingreview run), or ask who keeps it"
        ]
    return []


def _of_replay(status: Json, body: Json, against: Watch) -> list[str]:
    """Compare with what was seen the last time: neither the file nor its log may get younger."""
    before = against.before
    if before is None:
        return []
    if (_text(status, "written_at") or "") < before.written_at:
        return [
            f"an older status ({status['written_at'][:16]}) than the last time"
            f" ({before.written_at[:16]}): an old copy is shown; look at what serves the file"
        ]
    if _events(body) < before.events:
        return [
            f"the log has become shorter ({_events(body)} events, {before.events} the last time):"
            " the program was restored from an older backup, and what came after it is lost; ask"
            " who keeps it"
        ]
    return []


def _of_certificate(certificate: Json, body: Json, against: Watch) -> list[str]:
    """Check the certificate by the key that it names, and that key by the one to expect."""
    public = _text(_object(body, "key") or {}, "public") or ""
    text, signature = _text(certificate, "body") or "", _text(certificate, "signature") or ""
    if not _signed(public, text, signature):
        return ["the certificate's signature does not hold: it was changed after it was signed"]
    expected = against.expected_key
    if expected is not None and public != expected:
        return [
            f"the last certificate was signed with another key ({key_id(public)}) than the one to"
            " expect: after a restore, search again (livingreview search) for a new certificate"
        ]
    return []


def _signed(public: str, text: str, signature: str) -> bool:
    try:
        return signature_holds(public, text, signature)
    except UnicodeEncodeError:
        return False


def _of_round(body: Json, written: datetime, against: Watch) -> list[str]:
    due, issued = _instant(body, "next_by"), _instant(body, "issued_at")
    verdict = _text(body, "verdict")
    if due is None or issued is None or verdict not in ("silent", "new", "incomplete"):
        return ["the certificate does not say what it came to or when the next is due"]
    found = []
    if issued > against.now + CLOCKS_DIFFER:
        found.append(
            f"the certificate was signed in the future ({_minute(issued)}): the clock of one of the"
            " two machines is wrong; set it right"
        )
    if certificate_is_late(due, max(written, against.now - A_COPY_MAY_LAG)):
        found.append(
            f"the next certificate was due by {due:%Y-%m-%d} and has not come (the last is of"
            f" {issued:%Y-%m-%d}): the sources are not searched; look at the status page"
        )
    if verdict == "incomplete":
        reasons = body.get("reasons")
        said = "; ".join(map(str, reasons)) if isinstance(reasons, list) else "no reason given"
        found.append(f"the last round proves nothing: {said}")
    return found


def _of_sources(status: Json) -> list[str]:
    if not _sources(status):
        return ["the status names no source"]
    return [
        f"{source.get('name')}: {_trouble(source)} (last searched {_last(source)}); look at the"
        " status page for the reason"
        for source in _sources(status)
        if _trouble(source) is not None and source.get("kind") != MANUAL
    ]


def _trouble(source: Json) -> str | None:
    """Say why a source's silence means nothing: red, or late by the program's own word."""
    if source.get("light") == Light.RED:
        return "red, not to be relied on"
    return "late, its search is overdue" if _text(source, "lateness") in LATE else None


def _notes(status: Json, against: Watch) -> list[str]:
    """Say what is no alarm: people search by hand, and are reminded by the program itself."""
    notes = [
        f"{source.get('name')} is to be searched by a person (last searched {_last(source)})"
        for source in _sources(status)
        if _trouble(source) is not None and source.get("kind") == MANUAL
    ]
    if against.expected_key is None:
        notes.append(
            "nobody said which key to expect, so anybody could have signed; add --key"
            f" {_text(status, 'public_key')}"
        )
    return notes


def _memory(status: Json, body: Json, against: Watch) -> Memory:
    """Remember the newest status seen, and the longest log."""
    key, written = _text(status, "public_key") or "", _text(status, "written_at") or ""
    before = against.before
    if before is None:
        return Memory(key, written, _events(body))
    return Memory(key, max(written, before.written_at), max(_events(body), before.events))


def _sources(status: Json) -> list[Json]:
    listed = status.get("sources")
    if not isinstance(listed, list):
        return []
    return [each for each in listed if isinstance(each, dict)]


def _last(source: Json) -> str:
    return (_text(source, "last_success") or "never")[:10]


def _events(body: Json) -> int:
    found = (_object(body, "log") or {}).get("events")
    return found if isinstance(found, int) else 0


def _body(certificate: Json) -> Json:
    try:
        found: Any = json.loads(_text(certificate, "body") or "")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _object(value: Json, name: str) -> Json | None:
    found = value.get(name)
    return found if isinstance(found, dict) else None


def _instant(value: Json, name: str) -> datetime | None:
    try:
        return moment(_text(value, name) or "")
    except ValueError:
        return None


def _text(value: Json, name: str) -> str | None:
    found = value.get(name)
    return found if isinstance(found, str) else None


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
