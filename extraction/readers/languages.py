"""Languages as PubMed writes them (MARC's codes) from what JSON services write (ISO 639-1)."""

from __future__ import annotations

_MARC = {
    **{"af": "afr", "ar": "ara", "be": "bel", "bg": "bul", "bs": "bos", "ca": "cat", "cs": "cze"},
    **{"cy": "wel", "da": "dan", "de": "ger", "el": "gre", "en": "eng", "es": "spa", "et": "est"},
    **{"eu": "baq", "fa": "per", "fi": "fin", "fr": "fre", "gl": "glg", "he": "heb", "hi": "hin"},
    **{"hr": "hrv", "hu": "hun", "hy": "arm", "id": "ind", "is": "ice", "it": "ita", "ja": "jpn"},
    **{"ka": "geo", "kk": "kaz", "ko": "kor", "lt": "lit", "lv": "lav", "mk": "mac", "ms": "may"},
    **{"nb": "nor", "nl": "dut", "nn": "nor", "no": "nor", "pl": "pol", "pt": "por", "ro": "rum"},
    **{"ru": "rus", "sk": "slo", "sl": "slv", "sq": "alb", "sr": "srp", "sv": "swe", "th": "tha"},
    **{"tr": "tur", "uk": "ukr", "ur": "urd", "vi": "vie", "zh": "chi"},
}


def marc(code: str) -> str:
    """Return MARC's code for "en", "EN" or "en-GB"; what is none of these stays as it is."""
    return _MARC.get(code.strip().lower().replace("_", "-").partition("-")[0], code.strip())
