"""Time that passes, or jumps; a program that works, and one that is killed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.work import jobs
from tests.histories.chance import Chance
from tests.histories.kinds import papers, screening, searches, studies
from tests.histories.scene import Scene

# While which of these a program is killed.
STRUCK: Mapping[str, Callable[[Scene, Chance], None]] = {
    "eligible": screening.eligible,
    "verdict": screening.verdict,
    "extracted": studies.extracted_by_two,
    "brings": searches.brings,
    "released": papers.version_released,
    "works": lambda scene, _: scene.works(),
}


def works(scene: Scene, _: Chance) -> None:
    """The program does what is due."""
    scene.works()
    scene.happened("the program does what is due")


def passes(scene: Scene, chance: Chance) -> None:
    """Some days pass."""
    _pass(scene, days=chance.between(1, 20))


def leaps(scene: Scene, chance: Chance) -> None:
    """Months pass in which the program did not run."""
    _pass(scene, days=chance.between(30, 200))


def goes_back(scene: Scene, chance: Chance) -> None:
    """The machine's clock is set back a little."""
    minutes = chance.between(1, 120)
    scene.clock.advance(minutes=-minutes)
    scene.happened(f"the clock goes back by {minutes} minutes")
    jobs.own_work(scene.app)


def killed_within(scene: Scene, chance: Chance) -> None:
    """The program is killed while it stores something, and begun again."""
    _kill(scene, chance, committed=False)


def killed_after(scene: Scene, chance: Chance) -> None:
    """The program is killed right after it stored something, and begun again."""
    _kill(scene, chance, committed=True)


def _pass(scene: Scene, *, days: int) -> None:
    scene.clock.advance(days=days)
    scene.happened(f"{days} days pass")
    scene.works()


def _kill(scene: Scene, chance: Chance, *, committed: bool) -> None:
    nth = chance.between(1, 4)
    struck = STRUCK[chance.one_of(*STRUCK)]
    before = scene.kills
    with scene.killed(nth, committed=committed):
        struck(scene, chance)
    if scene.kills == before:
        scene.done = 0
