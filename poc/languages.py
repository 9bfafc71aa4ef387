"""The languages notices are written in, and what lists of people call them."""

import re
import unicodedata

ENGLISH = "en"
KNOWN: dict[str, str] = {
    "en": "en; eng; english; anglais; englisch; ingles; inglese; british; american",
    "fr": "fr; fra; fre; french; francais; francaise; franzosisch; frances; francese",
    "es": "es; esp; spa; spanish; espagnol; spanisch; espanol; castellano; castilian",
    "de": "de; deu; ger; german; allemand; deutsch; aleman; tedesco",
}
CODES = {word: code for code, words in KNOWN.items() for word in words.split("; ")}


def language(written: str) -> str:
    """Give the code of a language as lists write it, fr-CA or Français; others stay as written."""
    plain = unicodedata.normalize("NFKD", written.casefold())
    words = re.findall(r"[a-z]+", "".join(c for c in plain if not unicodedata.combining(c)))
    return next((CODES[word] for word in words if word in CODES), written.strip())


def spoken(code: object) -> str:
    """Give the language that a person's notices are written in."""
    return code if isinstance(code, str) and code in KNOWN else ENGLISH
