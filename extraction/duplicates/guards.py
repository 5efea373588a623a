"""What keeps two records apart although nearly everything agrees.

Each guard names what it saw. A guard never says that two records are different; it says that a
person has to look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rapidfuzz import fuzz

from extraction.duplicates.features import Features, spelling

# Words that make a document one about another, or one of several on the same study.
_NOTICES = (
    {"erratum", "errata", "corrigendum", "corrigenda", "correction", "corrections", "addendum"}
    | {"retraction", "retracted", "withdrawn", "withdrawal", "republished", "republication"}
    | {"reply", "replies", "response", "responds", "rejoinder", "comment", "comments"}
    | {"commentary", "editorial", "letter", "concern", "rebuttal", "discussion", "critique"}
    | {"protocol", "rationale", "preprint", "poster", "abstract", "summary", "synopsis", "plan"}
    | {"interim", "preliminary", "final", "secondary", "posthoc", "exploratory", "subanalysis"}
    | {"subgroup", "substudy", "ancillary", "reanalysis", "extension", "followup", "update"}
    | {"updated", "edition", "version", "revised", "revisited", "continued", "pooled", "baseline"}
    | {"pilot", "feasibility", "design", "methods", "economic", "cost", "costs", "translation"}
    | {"follow", "open", "label", "validation", "replication", "supplement", "appendix", "part"}
)
NOTICES = frozenset(map(spelling, _NOTICES))
_PAIRS = (
    "adult child",
    "adults children",
    "adult pediatric",
    "adult paediatric",
    "adults infants",
    "adults adolescents",
    "children adolescents",
    "children infants",
    "men women",
    "male female",
    "males females",
    "boys girls",
    "maternal paternal",
    "maternal fetal",
    "mothers fathers",
    "efficacy safety",
    "effectiveness safety",
    "benefits harms",
    "acute chronic",
    "increase decrease",
    "increases decreases",
    "increased decreased",
    "increasing decreasing",
    "high low",
    "higher lower",
    "upper lower",
    "early late",
    "short long",
    "oral intravenous",
    "oral subcutaneous",
    "intravenous subcutaneous",
    "oral topical",
    "with without",
    "before after",
    "pre post",
    "preoperative postoperative",
    "prenatal postnatal",
    "antenatal postnatal",
    "premenopausal postmenopausal",
    "left right",
    "primary secondary",
    "systolic diastolic",
    "positive negative",
    "benign malignant",
    "internal external",
    "anterior posterior",
    "proximal distal",
    "medial lateral",
    "urban rural",
    "inpatient outpatient",
    "inpatients outpatients",
    "quantitative qualitative",
    "prospective retrospective",
    "active inactive",
    "morning evening",
    "summer winter",
    "first second",
    "second third",
    "one two",
    "two three",
    "single double",
    "single multiple",
    "mild severe",
    "moderate severe",
    "mild moderate",
    "type1 type2",
    "induction maintenance",
    "prevention treatment",
    "diagnosis treatment",
    "prevalence incidence",
    "morbidity mortality",
    "young old",
    "younger older",
    "intra inter",
    "intra extra",
    "north south",
    "east west",
    "dominant recessive",
    "superior inferior",
    "agonist antagonist",
    "sensory motor",
    "in ex",
    "vivo vitro",
)
_OPPOSED: dict[str, frozenset[str]] = {}
for _pair in _PAIRS:
    _one, _other = map(spelling, _pair.split())
    _OPPOSED[_one] = _OPPOSED.get(_one, frozenset()) | {_other}
    _OPPOSED[_other] = _OPPOSED.get(_other, frozenset()) | {_one}
_OPPOSED_STARTS = (
    ("hypo", "hyper"),
    ("pre", "post"),
    ("intra", "inter"),
    ("intra", "extra"),
    ("anti", "pro"),
    ("mono", "poly"),
    ("mono", "bi"),
    ("uni", "bi"),
    ("endo", "exo"),
    ("macro", "micro"),
    ("homo", "hetero"),
    ("in", "out"),
    ("over", "under"),
    ("tachy", "brady"),
)
_NEGATIONS = frozenset({"no", "not", "non", "without", "never", "un", "anti", "nor"})
# Titles under which a journal prints something else in each issue.
_SERIAL = re.compile(
    r"(?:the )?(?:editorials?|"
    r"editors?(?: s)?(?: notes?| comments?| choice| pages?| letters?| corner)?|"
    r"editorial (?:comments?|commentary|notes?|board|introduction)|comments?|commentary|"
    r"(?:a )?(?:messages?|letters?|notes?|words?|page)? ?from (?:the|our) (?:guest )?"
    r"(?:editors?|president|chair|publisher)(?: s)?(?: desk| page)?|"
    r"presidents? (?:s )?(?:page|message)|"
    r"letters?(?: to the editors?)?|correspondence|reply|replies|"
    r"authors? (?:s )?(?:reply|replies|response|respond)|in reply|in response|response|news|"
    r"book reviews?|reviews?|abstracts?|poster(?: session)?s?|"
    r"introduction|foreword|preface|in this issue|this month in .*|announcements?|obituary|"
    r"erratum|errata|corrections?|corrigendum|corrigenda|retraction|notice of retraction|"
    r"table of contents|contents|cover|index|untitled|no title(?: available)?|title|case reports?|"
    r"discussion|invited commentary|perspectives?|viewpoints?|highlights?|clinical image|"
    r"research highlights?|journal club|images? .{0,40}|what s new .*|.* news)"
)
_SMALL_WORDS = frozenset(
    {"a", "an", "the", "of", "in", "on", "for", "and", "or", "to", "by", "at", "as", "s", "from"}
)
SHORT_TITLE = 3  # words; a shorter one is shared by too many documents
# Three letters of four: a slip or another ending ("prednisone", "prednisolone" are for a later
# objection). A short word has fewer letters to lose: "mice" and "rice" are two words.
_ALIKE_WORD = 75.0
_ALIKE_SHORT_WORD = 84.0
_SHORT_WORD = 4  # letters
_SHORTEST_PART = 3  # letters; shorter beginnings ("in", "re") begin half the dictionary


def is_serial(one: Features) -> bool:
    """Whether a title says nothing by itself: a serial column, or too few words."""
    return len(one.words) < SHORT_TITLE or _SERIAL.fullmatch(one.title) is not None


def differences(one: Features, other: Features) -> Iterator[str]:
    """Say which words of two titles tell different documents from each other."""
    if one.squeezed == other.squeezed:
        return
    mine, theirs = _left(one.words, other.words)
    yield from _opposed(mine, theirs)
    marks = (set(mine) | set(theirs)) & NOTICES
    if marks:
        yield f"only one title says {_listed(marks)}"
    negations = {each for each in (*mine, *theirs) if each in _NEGATIONS}
    if negations and not (_all_joined(one, mine, theirs) and _all_joined(other, theirs, mine)):
        yield f"only one title says {_listed(negations)}"


def _all_joined(one: Features, mine: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether each negation of a title is the beginning of one word in the other: "nonimmune"."""
    joined = {a + b for a, b in zip(one.words, one.words[1:], strict=False)}
    of_mine = {each for each in joined if each in theirs}
    return all(any(w.startswith(each) for w in of_mine) for each in mine if each in _NEGATIONS)


def replaced_words(one: Features, other: Features) -> list[str]:
    """Return the words that stand in one title where another, unlike word stands in the other."""
    if one.squeezed == other.squeezed:
        return []
    mine, theirs = _left(one.words, other.words)
    if not mine or not theirs:
        return []
    joined_mine, joined_theirs = "".join(mine), "".join(theirs)
    if joined_mine == joined_theirs:
        return []
    return [each for each in mine if not _has_like(each, theirs, joined_theirs)] and [
        each for each in theirs if not _has_like(each, mine, joined_mine)
    ]


def added_words(one: Features, other: Features) -> list[str]:
    """Return the words of one title that nothing in the other stands for."""
    mine, theirs = _left(one.words, other.words)
    joined_mine, joined_theirs = "".join(mine), "".join(theirs)
    lone = [each for each in mine if not _has_like(each, theirs, joined_theirs)]
    lone += [each for each in theirs if not _has_like(each, mine, joined_mine)]
    return [each for each in lone if each not in _SMALL_WORDS]


def spelled_otherwise(one: Features, other: Features) -> list[str]:
    """Return the words that differ by more than British and American spelling or a plural."""
    mine, theirs = _left(one.words, other.words)
    if "".join(mine) == "".join(theirs):
        return []
    return [each for each in (*mine, *theirs) if each not in _SMALL_WORDS]


def _has_like(word: str, others: Sequence[str], joined: str) -> bool:
    """Whether another spelling, a part or the whole of a word is among the others."""
    if len(word) >= _SHORTEST_PART and word in joined:
        return True
    return any(
        fuzz.ratio(word, other) >= (_ALIKE_WORD if len(word) > _SHORT_WORD else _ALIKE_SHORT_WORD)
        or (min(len(word), len(other)) >= _SHORTEST_PART and _begins(word, other))
        for other in others
    )


def _begins(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _left(one: Sequence[str], other: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the words of each title that the other lacks, counting repeats."""
    rest = list(other)
    mine = []
    for word in one:
        if word in rest:
            rest.remove(word)
        else:
            mine.append(word)
    return mine, rest


def _opposed(mine: Sequence[str], theirs: Sequence[str]) -> Iterator[str]:
    there = set(theirs)
    for word in mine:
        rival = next(iter(sorted(_rivals(word) & there)), None)
        if rival is not None:
            yield f"one title says '{word}', the other '{rival}'"
            return


@lru_cache(maxsize=20_000)
def _rivals(word: str) -> frozenset[str]:
    """Return the words that mean the opposite: of a list, and by their beginnings."""
    found = set(_OPPOSED.get(word, ()))
    for left, right in _OPPOSED_STARTS:
        for start, end in ((left, right), (right, left)):
            rest = word.removeprefix(start)
            if rest != word and len(rest) >= _SHORTEST_PART:
                found.add(end + rest)
    return frozenset(found)


def _listed(words: set[str]) -> str:
    return ", ".join(f"'{each}'" for each in sorted(words))
