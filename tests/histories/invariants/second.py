"""What published versions say is what the log says, counted again by the second reader."""

from __future__ import annotations

from collections.abc import Iterator

from state import versions
from state.facts.words import VersionKind, VersionState
from tests.histories.chronicle import Chronicle
from tests.histories.scene import Scene
from tests.second_reader import differences
from tests.years import log_of, version_of


def says_what_happened(scene: Scene, _: Chronicle) -> Iterator[str]:
    """Name each line of a published version that the log does not say."""
    with scene.reading() as connection:
        published = [
            each.number
            for each in versions.versions(connection)
            if each.state is VersionState.PUBLISHED and each.kind is not VersionKind.BASELINE
        ]
    log = log_of(scene.app)
    for number in published:
        yield from differences(log, version_of(scene.app, number))
