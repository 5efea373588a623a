"""Published data sets that several tests share."""

from __future__ import annotations

from analysis.inputs import TwoByTwo, TwoMeans

# BCG vaccine against tuberculosis (Colditz 1994, JAMA 271:698-702): vaccinated, then not.
BCG = TwoByTwo.of(
    [
        ("Aronson 1948", 4, 123, 11, 139),
        ("Ferguson & Simes 1949", 6, 306, 29, 303),
        ("Rosenthal 1960", 3, 231, 11, 220),
        ("Hart & Sutherland 1977", 62, 13598, 248, 12867),
        ("Frimodt-Moller 1973", 33, 5069, 47, 5808),
        ("Stein & Aronson 1953", 180, 1541, 372, 1451),
        ("Vandiviere 1973", 8, 2545, 10, 629),
        ("TPT Madras 1980", 505, 88391, 499, 88391),
        ("Coetzee & Berjak 1968", 29, 7499, 45, 7277),
        ("Rosenthal 1961", 17, 1716, 65, 1665),
        ("Comstock 1974", 186, 50634, 141, 27338),
        ("Comstock & Webster 1969", 5, 2498, 3, 2341),
        ("Comstock 1976", 27, 16913, 29, 17854),
    ]
)
BCG_LATITUDE = [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]
BCG_YEAR = [1948, 1949, 1960, 1977, 1973, 1953, 1973, 1980, 1968, 1961, 1974, 1969, 1976]
BCG_ALLOCATION = (
    ["random"] * 4 + ["alternate"] * 2 + ["random"] * 2 + ["random"] + ["systematic"] * 4
)

# Length of stay after stroke (Normand 1999, Stat Med 18:321-359): specialist care, then routine.
STROKE = TwoMeans.of(
    [
        ("Edinburgh", 55, 47, 155, 75, 64, 156),
        ("Orpington-Mild", 27, 7, 31, 29, 4, 32),
        ("Orpington-Moderate", 64, 17, 75, 119, 29, 71),
        ("Orpington-Severe", 66, 20, 18, 137, 48, 18),
        ("Montreal-Home", 14, 8, 8, 18, 11, 13),
        ("Montreal-Transfer", 19, 7, 57, 18, 4, 52),
        ("Newcastle", 52, 45, 34, 41, 34, 33),
        ("Umea", 21, 16, 110, 31, 27, 183),
        ("Uppsala", 30, 27, 60, 23, 20, 52),
    ]
)
