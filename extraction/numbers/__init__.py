"""Numbers as they stand in a paper: "3.1", "12/45 (26.7%)", "3.1 (SE 0.4)" or a refusal.

Nothing is guessed: a text that could mean two things raises UnclearNumber with the text in it.
"""

from __future__ import annotations

from extraction.numbers.digits import read_number as read_number
from extraction.numbers.digits import read_real as read_real
from extraction.numbers.digits import read_whole as read_whole
from extraction.numbers.phrases import Between as Between
from extraction.numbers.phrases import Centre as Centre
from extraction.numbers.phrases import FromBaseline as FromBaseline
from extraction.numbers.phrases import GroupsTogether as GroupsTogether
from extraction.numbers.phrases import Percent as Percent
from extraction.numbers.phrases import Phrase as Phrase
from extraction.numbers.phrases import PrintedGroup as PrintedGroup
from extraction.numbers.phrases import read_phrase as read_phrase
