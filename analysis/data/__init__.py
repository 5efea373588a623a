"""Data sets that papers have published and programs are tested on: facts with their source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from analysis.data import printed_tables as tables

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class DataSet(Mapping[str, tuple[str | float, ...]]):
    """Columns of one value a study, as `meta` takes them, and where they are printed.

    Attributes
    ----------
    name : str
        What the data set is called.
    source : str
        The paper that prints the numbers.
    columns : mapping of str to tuple
        The values of each column, in the order of the studies.
    """

    name: str
    source: str
    columns: Mapping[str, tuple[str | float, ...]]

    def __getitem__(self, column: str) -> tuple[str | float, ...]:
        return self.columns[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def to_frame(self) -> pd.DataFrame:
        """Return the columns as a data frame; pandas is loaded here."""
        frame: pd.DataFrame = import_module("analysis.frames").frame_of_columns(self)
        return frame

    def __str__(self) -> str:
        rows = len(next(iter(self.columns.values())))
        return f"{self.name}: {rows} studies ({', '.join(self.columns)})\n{self.source}"


def bcg() -> DataSet:
    """Return the trials of BCG vaccine: tuberculosis among vaccinated (1) and not (2).

    Returns
    -------
    DataSet
        13 trials: `study`, `events_1`, `total_1`, `events_2`, `total_2` (people), `latitude`
        (degrees), `allocation`. metafor: ``dat.bcg``.
    """
    paper = "Colditz GA et al. JAMA 1994;271:698-702"
    names = (*_EVENTS, "latitude", "allocation")
    return _set("BCG vaccine against tuberculosis", paper, names, tables.BCG)


def normand1999() -> DataSet:
    """Return the trials of specialist (1) against routine stroke care (2): length of stay.

    Returns
    -------
    DataSet
        9 trials: `study`, `mean_1`, `sd_1` (days), `n_1` (people), and the same of arm 2.
        metafor: ``dat.normand1999``.
    """
    paper = "Normand S-LT. Stat Med 1999;18:321-359"
    names = ("study", "mean_1", "sd_1", "n_1", "mean_2", "sd_2", "n_2")
    return _set("Length of stay after a stroke", paper, names, tables.NORMAND_1999)


def li2007() -> DataSet:
    """Return the trials of intravenous magnesium (1) against control (2): deaths.

    Returns
    -------
    DataSet
        22 trials: `study`, `events_1`, `total_1`, `events_2`, `total_2` (people).
        metafor: ``dat.li2007``.
    """
    paper = "Li J et al. Cochrane Database Syst Rev 2007;(2):CD002755"
    return _set("Magnesium in myocardial infarction", paper, _EVENTS, tables.LI_2007)


def nielweise2008() -> DataSet:
    """Return the trials of treated (1) against standard catheters (2): infections in a time.

    Returns
    -------
    DataSet
        9 trials: `study`, `events_1`, `time_1` (catheter days), and the same of arm 2.
        metafor: ``dat.nielweise2008``.
    """
    paper = "Niël-Weise BS et al. J Hosp Infect 2008;69:114-123"
    names = ("study", "events_1", "time_1", "events_2", "time_2")
    return _set("Infections of central venous catheters", paper, names, tables.NIELWEISE_2008)


def pritz1997() -> DataSet:
    """Return the studies of hyperdynamic therapy of cerebral vasospasm: people who improved.

    Returns
    -------
    DataSet
        14 studies of one group: `study`, `events`, `total` (people). metafor: ``dat.pritz1997``.
    """
    paper = "Pritz MB. Neurosurg Q 1997;7:273-285"
    names = ("study", "events", "total")
    return _set("Hyperdynamic therapy of vasospasm", paper, names, tables.PRITZ_1997)


def riley2003() -> DataSet:
    """Return the studies of the marker MYC-N in neuroblastoma: log hazard ratios of death.

    Returns
    -------
    DataSet
        Studies with `study`, `estimate` (log hazard ratio) and `se` (its standard error).
        metafor: ``dat.riley2003``, outcome OS.
    """
    paper = "Riley RD et al. Br J Cancer 2003;88:1191-1198"
    names = ("study", "estimate", "se")
    return _set("MYC-N in neuroblastoma, overall survival", paper, names, tables.RILEY_2003)


_EVENTS = ("study", "events_1", "total_1", "events_2", "total_2")


def _set(
    name: str, source: str, names: Sequence[str], rows: Sequence[Sequence[str | float]]
) -> DataSet:
    columns = zip(names, zip(*rows, strict=True), strict=True)
    return DataSet(name, source, dict(columns))
