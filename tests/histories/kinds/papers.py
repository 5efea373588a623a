"""What is signed, proposed and published."""

from __future__ import annotations

import re

from sqlalchemy import Connection

from state import versions
from state.facts.words import SignedKind
from tests.histories import acts
from tests.histories.chance import Chance
from tests.histories.kinds.screening import holding
from tests.histories.people import ADJUDICATOR, AUTHORS, EXTRACTOR, LEAD, SCREENER
from tests.histories.scene import Scene

SIGNERS = (LEAD, SCREENER, EXTRACTOR, ADJUDICATOR)
VERSION = re.compile(r'^version = ".*"$', re.MULTILINE)
AMENDED = """
[[amendments]]
version = "{number}"
decided_on = 2026-12-01
reason = "{criterion} is worded more clearly"
agreed_by = ["the authors"]
"""


def signal_signed(scene: Scene, chance: Chance) -> None:
    """Somebody accepts a signal."""
    _sign(scene, chance, SignedKind.SIGNAL, accept=True)


def signal_rejected(scene: Scene, chance: Chance) -> None:
    """Somebody rejects a signal."""
    _sign(scene, chance, SignedKind.SIGNAL, accept=False)


def version_signed(scene: Scene, chance: Chance) -> None:
    """Somebody accepts the draft."""
    _sign(scene, chance, SignedKind.VERSION, accept=True)


def version_rejected(scene: Scene, chance: Chance) -> None:
    """Somebody rejects the draft."""
    _sign(scene, chance, SignedKind.VERSION, accept=False)


def version_put_up_again(scene: Scene, chance: Chance) -> None:
    """A lead puts up again what was rejected; first one is rejected, where there is none."""
    with scene.reading() as connection:
        none_is_rejected = versions.newest_rejected(connection) is None
    if none_is_rejected:
        version_rejected(scene, chance)
        scene.is_prepared()
    with scene.reading() as connection:
        rejected = versions.newest_rejected(connection)
        lead = chance.pick(holding(connection, LEAD))
    if rejected is not None and lead is not None:
        act = acts.put_up_again(rejected.number)
        scene.does(lead, act, f"puts {rejected.number} up again")


def version_released(scene: Scene, chance: Chance) -> None:
    """Two people, one of them a lead, accept all signals of the draft; it is published."""
    if _release(scene, chance):
        scene.works()


def _release(scene: Scene, chance: Chance) -> bool:
    """Have two people accept all signals of the draft and then the draft."""
    with scene.reading() as connection:
        draft = versions.open_draft(connection)
        lead = chance.pick(holding(connection, LEAD))
        other = chance.pick(each for each in _signers(connection) if each != lead)
        subjects = _waiting(connection, SignedKind.SIGNAL)
    if draft is None or lead is None or other is None:
        return False
    for subject in (*subjects, draft.number):
        for person in (other, lead):
            scene.does(person, acts.sign(subject, accept=True), f"accepts {subject}")
    return True


def amendment_signed(scene: Scene, chance: Chance) -> None:
    """Somebody accepts an amendment."""
    _sign(scene, chance, SignedKind.AMENDMENT, accept=True)


def amendment_rejected(scene: Scene, chance: Chance) -> None:
    """Somebody rejects an amendment; where none waits, one is proposed first."""
    with scene.reading() as connection:
        none_waits = not _waiting(connection, SignedKind.AMENDMENT)
    if none_waits:
        protocol_proposed(scene, chance)
        scene.is_prepared()
    _sign(scene, chance, SignedKind.AMENDMENT, accept=False)


def amendment_agreed(scene: Scene, chance: Chance) -> None:
    """Two people, one of them a lead, accept an amendment."""
    with scene.reading() as connection:
        subject = chance.pick(_waiting(connection, SignedKind.AMENDMENT))
        lead = chance.pick(holding(connection, LEAD))
        other = chance.pick(each for each in _signers(connection) if each != lead)
    if subject is None or lead is None or other is None:
        return
    for person in (other, lead):
        scene.does(person, acts.sign(subject, accept=True), f"accepts the amendment {subject}")


def protocol_proposed(scene: Scene, chance: Chance) -> None:
    """Somebody proposes a new version of the protocol."""
    with scene.reading() as connection:
        person = chance.pick(_signers(connection))
        known = versions.protocols(connection)
    number = len(known) + 1
    text = _next_protocol(known[-1].body, number, chance)
    act = acts.amend(text)
    if act is not None and person is not None:
        scene.does(person, act, f"proposes protocol {number}")


def publication_requested(scene: Scene, chance: Chance) -> None:
    """Somebody asks for the publication of the draft, which is signed or not."""
    if chance.happens(0.6):
        _release(scene, chance)
    with scene.reading() as connection:
        draft = versions.open_draft(connection)
        person = chance.pick(_signers(connection))
    if draft is not None and person is not None:
        scene.does(person, acts.publish(draft.number), f"asks to publish {draft.number}")


def _signers(connection: Connection) -> list[str]:
    return sorted({each for role in AUTHORS for each in holding(connection, role)})


def _sign(scene: Scene, chance: Chance, kind: SignedKind, *, accept: bool) -> None:
    with scene.reading() as connection:
        subject = chance.pick(_waiting(connection, kind))
        signed = (
            {each.person for each in versions.signatures(connection, kind, subject)}
            if subject is not None
            else set()
        )
        person = chance.pick(each for each in _signers(connection) if each not in signed)
    if subject is not None and person is not None:
        words = f"{'accepts' if accept else 'rejects'} the {kind} {subject}"
        scene.does(person, acts.sign(subject, accept=accept), words)


def _waiting(connection: Connection, kind: SignedKind) -> list[str]:
    """Return what of a kind is to be signed."""
    draft = versions.open_draft(connection)
    if kind is SignedKind.AMENDMENT:
        return [each.id for each in versions.amendments(connection) if each.in_force_at is None]
    if draft is None:
        return []
    if kind is SignedKind.VERSION:
        return [draft.number]
    return [each.id for each in versions.signals(connection, draft.number)]


def _next_protocol(text: str, number: int, chance: Chance) -> str:
    """Return a protocol with its next version, in which a criterion is worded otherwise."""
    criterion = chance.one_of("E1", "E2", "E3", "E4", "E5")
    worded = text.replace(
        f'id = "{criterion}"\ntext = "', f'id = "{criterion}"\ntext = "(Amended) '
    )
    numbered = VERSION.sub(f'version = "{number}"', worded, count=1)
    return f"{numbered}{AMENDED.format(number=number, criterion=criterion)}"
