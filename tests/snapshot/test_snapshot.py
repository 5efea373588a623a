from __future__ import annotations

from pathlib import Path

from tests.snapshot.__main__ import kept
from tests.snapshot.played import mails_sorted, the_results, words_for_what_differs


def test_the_published_results_and_version_are_shown_as_ever(tmp_path: Path) -> None:
    differing = [
        name
        for name, text in the_results(tmp_path)
        if not kept(name, words_for_what_differs(text, tmp_path), record=False)
    ]

    assert differing == []


def test_a_changed_text_is_seen() -> None:
    assert not kept("3.0_data.csv", "study,outcome\n", record=False)


def test_the_order_of_the_mails_of_one_second_is_not_looked_at_and_their_number_is() -> None:
    to_ada, to_ben = "   to ada: one\n", "   to ben: one\n"

    assert mails_sorted(f"8.\n{to_ben}{to_ada}\nDone\n") == f"8.\n{to_ada}{to_ben}\nDone\n"
    assert mails_sorted(to_ada) != mails_sorted(to_ada + to_ada)
