<1. >
VN  - Ovid Technologies
DB  - Ovid MEDLINE(R) ALL <1946 to November 27, 2026>
UI  - 99000453
ST  - MEDLINE
TI  - Lamps for fear of the dark.
SO  - Fictional Neurology. 12(4):100-108, 2025 Apr 03.
AS  - Fict Neurol. 12(4):100-108, 2025 Apr 03.
JN  - Fictional Neurology
VO  - 12
IP  - 4
AU  - Roe A
AU  - Doe BC
AB  - People who fear the dark were randomised to lamps or to candles; registered as NCT99000401.
DO  - https://dx.doi.org/10.5555/own.ovid.453
LG  - English
PT  - Journal Article
YR  - 2025
XL  - https://ovidsp.ovid.com/x
