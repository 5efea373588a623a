"""What is to be seen of the live CTIS: its interface is described nowhere."""

from __future__ import annotations

from collections.abc import Mapping

from bot.sources.live_look import ProbeQuestion
from bot.sources.question import Question
from extraction.readers.ctis import TrialList, read_list, read_trial

_SORT = {"property": "ctNumber", "direction": "ASC"}
_ONE_WORD, _TWO_WORDS = "neuropathy", "neuropathy placebo"


def questions(question: Question) -> tuple[ProbeQuestion, ...]:
    """Return what the program assumes of CTIS, and how to see it."""
    base = question.url.rstrip("/")

    def listed(criteria: Mapping[str, object], *, page: int = 1, size: int = 100) -> TrialList:
        asked = {
            "pagination": {"page": page, "size": size},
            "sort": _SORT,
            "searchCriteria": criteria,
        }
        return question.client.post_json(f"{base}/search", asked, read_list).value

    def counts(*criteria: Mapping[str, object]) -> str:
        return ", ".join(f"{each}: {listed(each).total}" for each in criteria)

    def first_page() -> str:
        return "; ".join(
            f"page {n}: {len(listed({'containAll': _ONE_WORD}, page=n).found)} rows" for n in (0, 1)
        )

    def entry() -> str:
        found = listed({"containAll": _ONE_WORD}).found
        if not found:
            return "no trial to look at"
        url = f"{base}/retrieve/{found[0].source_id}"
        return str(question.client.get(url, {}, read_trial).value.entry)

    return (
        ProbeQuestion(
            "two words in containAll",
            "both must be there: fewer trials than of one word",
            lambda: counts({"containAll": _ONE_WORD}, {"containAll": _TWO_WORDS}),
        ),
        ProbeQuestion(
            "a key of searchCriteria that nobody has",
            "not known: ignored, or nothing found",
            lambda: counts({}, {"madeUpKey": "x"}),
        ),
        ProbeQuestion(
            "pages 0 and 1", "page 0 is empty with a count, page 1 is the first", first_page
        ),
        ProbeQuestion("the entry of the first trial", "status, days and size can be read", entry),
    )
