from __future__ import annotations

from pathlib import Path

from tests.snapshot.__main__ import kept
from tests.snapshot.played import the_results, words_for_what_differs


def test_the_published_results_and_version_are_shown_as_ever(tmp_path: Path) -> None:
    differing = [
        name
        for name, text in the_results(tmp_path)
        if not kept(name, words_for_what_differs(text, tmp_path), record=False)
    ]

    assert differing == []


def test_a_changed_text_is_seen() -> None:
    assert not kept("3.0_data.csv", "study,outcome\n", record=False)
