"""What can go wrong in the shell, as one tree, split by what to do next.

    BotError                     the root: the message is fit to be shown to whoever asked
    ├── FaultsOfInput            correct the settings or the review folder: ConfigFaults,
    │                            ProtocolFaults, PackageFaults (NotOfInterventions),
    │                            StrategyFault
    ├── SourceError              store it as that source's failure, go on with the others
    │   ├── SourceUnavailable    wait
    │   ├── SourceRejected       fix the search or the settings
    │   │   ├── SourceForbidden
    │   │   └── SourceRedirected
    │   ├── AnswerUnreadable     keep the answer, ask again later
    │   ├── Incomplete           do not believe this search
    │   └── AskingFailed         not foreseen: tell whoever keeps the program
    ├── CannotListen             free the port, or give another: the page has no address
    └── what one module raises and its one caller catches: BodyRefused, BodyCut, SourceMoved,
        DeliveryFailed (DeliveryRefused), HookFailed, ImportFailed, NotDrawn, DemoFailed,
        NeedsSignIn

`FaultsOfAct` (BadInput) stands in the tree of state.errors.
Every message names an address without its parameters, so no key and no query reaches a log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from state.codec import storable
from state.errors import BadInput


class BotError(Exception):
    """The root of this package's errors: tell whoever asked; what was stored before stays."""


class FaultsOfInput(BotError):
    """What people wrote (settings, the review folder) cannot be: correct it and start again."""


@dataclass(frozen=True, slots=True)
class FaultAt:
    """One thing that is wrong; `path` leads to it, () where it is about several parts together."""

    path: tuple[str | int, ...]
    text: str


class FaultsOfAct(BadInput):
    """What was said cannot be taken: correct it; each fault names the place, found and expected."""

    def __init__(self, faults: Sequence[FaultAt]) -> None:
        super().__init__("\n".join(each.text for each in faults))
        self.faults = tuple(faults)


class CannotListen(BotError):
    """The page cannot be served at its address: free the port, or give another."""


class SourceError(BotError):
    """A source did not answer as it should: store that as its failure, go on with others."""

    def __init__(self, address: str, reason: str) -> None:
        self.address = storable(address)
        self.reason = storable(reason)
        super().__init__(f"{self.address}: {self.reason}")


class SourceUnavailable(SourceError):
    """Wait: ask again at `retry_at` where the source named an instant, else at the next slot."""

    def __init__(self, address: str, reason: str, *, retry_at: datetime | None = None) -> None:
        super().__init__(address, reason)
        self.retry_at = retry_at


class SourceRejected(SourceError):
    """Fix the search or the settings: asking the same again will not be answered either."""

    def __init__(self, address: str, reason: str, *, status: int | None = None) -> None:
        super().__init__(address, reason)
        self.status = status


class SourceForbidden(SourceRejected):
    """Tell the operator loudly: the service's guard turns this program away (status 403)."""


class SourceRedirected(SourceRejected):
    """Check the base address: the service sent us to another one, which is never followed."""


class AnswerUnreadable(SourceError):
    """Keep the answer and ask again later: what came is not what this service answers with.

    `body` is empty where it was refused before it was read whole.
    """

    def __init__(self, address: str, reason: str, *, media_type: str, body: bytes = b"") -> None:
        super().__init__(address, reason)
        self.media_type = media_type
        self.body = body


class Incomplete(SourceError):
    """Do not believe this search: its parts do not add up to the count the source gave."""


class AskingFailed(SourceError):
    """Asking or reading raised what nobody foresaw: a fault of the program or an odd answer."""


class NotDrawn(BotError):
    """The data do not allow this picture; `reason` says why, for the page to print."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ConfigFaults(FaultsOfInput):
    """One or more settings cannot be used; the message names each with what was expected."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong: file and line, the place by name, what was found and expected."""

    file: str
    line: int
    place: str
    found: str
    expected: str

    def __str__(self) -> str:
        where = f"{self.file} line {self.line}: {self.place}"
        return f"{where}: found {self.found}, expected {self.expected}"


class ProtocolFaults(FaultsOfInput):
    """Mend the review folder; nothing was loaded. `faults` has every fault, by file and line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))


class PackageFaults(FaultsOfInput):
    """The package cannot be read: nothing was made of it. `faults` names file and line of each."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))


class NotOfInterventions(PackageFaults):
    """A review of diagnostic tests: it has no effect of an intervention to be moved in."""


class DemoFailed(BotError):
    """A step of the demonstration did not do what it should; the message says which and how."""


class DeliveryFailed(BotError):
    """The message was not delivered; it is kept and tried again later."""


class DeliveryRefused(DeliveryFailed):
    """The message will never be taken (5xx): it is not tried again, and the lead is told."""


class SourceMoved(BotError):
    """Counts disagree or a place in the answer is lost, as when a source changes: begin anew."""


class BodyRefused(BotError):
    """Do not ask again: the body is beyond the limit or packed in a way we did not ask for."""


class BodyCut(BotError):
    """Ask again: the packed body broke off or is damaged."""


class ImportFailed(BotError):
    """Give the file again: the process that was to read it has died; nothing of it was stored."""


class HookFailed(BotError):
    """The hook did not succeed; it is kept and tried again."""


class StrategyFault(FaultsOfInput):
    """Mend the strategy file: `line` says where, `found` and `expected` what."""

    def __init__(self, line: int, found: str, expected: str) -> None:
        super().__init__(f"line {line}: found {found}, expected {expected}")
        self.line = line
        self.found = found
        self.expected = expected


class NeedsSignIn(BotError):
    """The page is for the team: send the visitor to the door and, afterwards, back here."""

    def __init__(self, then: str) -> None:
        super().__init__(then)
        self.then = then
