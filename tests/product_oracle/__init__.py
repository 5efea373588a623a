"""Public data sets as review folders, held against metafor: from the folder to `analyse --json`.

`metafor.R` writes data/*.csv (facts of published papers, as metadat 1.2-0 has them) and
metafor.json, each number beside the call that gave it.
"""
