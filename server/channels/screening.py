"""The text filter: finds banned words and links however they are disguised. Pure, and linear in the length of the text.

A text is brought to a normal form (compatibility characters, case, marks and invisible characters), cut into words, and each word
is read as Cyrillic and as Latin by its look-alikes. What it finds is held for a moderator, never refused: it errs at times.
The tables are a selection of Unicode UTS #39 (confusables.txt, revision 15.1): the letters that Russian and English words need.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal

from server.channels.banned_words import ENGLISH, INNOCENT, RUSSIAN

Verdict = Literal["banned_word", "link"]

WORDS_KNOWN_MAX = 5_000
"""Words whose verdict is kept, per screen: people say the same few thousand over and over, and judging one takes 20 µs."""
KNOWN_LENGTH_MAX = 40
"""Longer ones are not kept: nobody says them twice, and they would fill the memory."""
SCREENS_MAX = 128
"""Compiled word lists that are kept: hosts who are on air at one time. The one used longest ago is compiled anew when needed."""
ROUNDS_MAX = 4
"""Compatibility forms of folded characters settle after two rounds; the limit is for a Unicode version that we do not know."""
STEM_LENGTH_MIN = 3
"""Shorter words are not looked for in letters that stand apart: «и к о» is no word."""

_LOOKS_LATIN = str.maketrans("авекмнорстухіѕјԁԛԝһүѵзчб", "abekmhopctyxisjdqwhyve46")
"""UTS #39 and, for the last three, the digit that the letter looks like."""
_LEET = str.maketrans("0134578@$!|€6", "oieastbasiieb")
_LOOKS_CYRILLIC = str.maketrans("abcehkmoptxyі0346", "авсенкмортхуіозчб")
"""For a word of Latin letters alone; `b` is «в» here, or «ebay» would be an obscenity."""
_MIXED_CYRILLIC = str.maketrans("abcehikmnoprtuwxyzіѕ01346@$8", "абсеникмпоргтишхузисоизчбасв")
"""For a word that has Cyrillic letters: whoever mixes means the Cyrillic word. `b` is «б» here, or «в», whose capital it is."""

_WORD = re.compile(r"[^\W_]+(?:[@$!|€]{1,4}[^\W_]+)*[@$€]*|[@$€]{1,4}[^\W_]+[@$€]*")
"""Bounded where it could otherwise try a long row of signs again from each of them."""
_CYRILLIC = re.compile("[\u0400-\u052f]")
_LATIN = re.compile("[a-z]")
_RUN = re.compile(r"([^\W\d_])\1{2,}")
_LETTER_RUN = re.compile(r"([^\W\d_])\1+")

_TLD = (
    "com|net|org|ru|su|рф|рус|москва|info|biz|io|shop|store|online|site|xyz|top|club|app|dev|gg|ly|link|click|bet|casino|page|"
    "website|space|fun|pro|ру|ком|орг"
)
_LINKS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?:https?|hxxps?|ftp|tg|wss?)\s?:\s?/\s?/",
        r"\bwww\s?\.\s?\w",
        rf"[^\W_](?:\.|\s\.\s?|\s?[\(\[{{]\s?(?:\.|dot|точка)\s?[\)\]}}]\s?)(?:{_TLD})(?![\w-])",
        r"[^\W_]\s(?:точка|тчк|dot)\s(?:com|net|org|ru|su|рф|ру|ком)\b",
        r"\b[^\W_]+\.[^\W\d_]{2,3}/[\w@]",
        r"\b(?:\d{1,3}\.){3}\d{1,3}(?::\d|/)",
    )
)


class Screen:
    """The built-in lists and a host's own words, compiled. `word*` stands for any ending; a word with a space is a phrase."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._whole: set[str] = set()
        self._begins: set[str] = set()
        self._inside: set[str] = set()
        self._phrases: list[str] = []
        self._innocent: set[str] = set()
        for listed in f"{RUSSIAN} {ENGLISH}".split():
            self._add(listed)
        for word in words:
            self._add(word)
        for listed in INNOCENT.split():
            self._innocent |= _forms(normalised(listed.strip("*")))
        self._begin_lengths = _lengths(self._begins)
        self._inside_lengths = _lengths(self._inside)
        self._innocent_lengths = _lengths(self._innocent)
        self._apart = {stem for stem in self._whole | self._begins | self._inside if len(stem) >= STEM_LENGTH_MIN}
        self._apart_lengths = _lengths(self._apart)
        self._known = lru_cache(maxsize=WORDS_KNOWN_MAX)(self._judge)

    def verdict(self, text: str, *, filter_words: bool = True, filter_links: bool = True) -> Verdict | None:
        """Why the text should be looked at, or None."""
        plain = normalised(text)
        if filter_words and self._has_banned_word(plain):
            return "banned_word"
        if filter_links and _has_link(plain):
            return "link"
        return None

    def _add(self, listed: str) -> None:
        inside, begins = listed.startswith("*"), listed.endswith("*")
        plain = normalised(listed.strip("*").strip())
        if " " in plain:
            self._phrases.append(_spaced(plain))
        elif plain:
            target = self._inside if inside else self._begins if begins else self._whole
            target |= _forms(plain)

    def _has_banned_word(self, plain: str) -> bool:
        words = _words(plain)
        if any(self._is_banned_word(word) for word in words) or any(self._is_banned_word(word) for word in _glued(plain)):
            return True
        if any(self._has_apart(form) for word in _spelt(words) for form in _forms(word)):
            return True
        spaced = _spaced(plain) if self._phrases else ""
        return any(phrase in spaced for phrase in self._phrases)

    def _is_banned_word(self, word: str) -> bool:
        return self._known(word) if len(word) <= KNOWN_LENGTH_MAX else self._judge(word)

    def _judge(self, word: str) -> bool:
        return any(self._is_banned(form) for form in _forms(word))

    def _is_banned(self, form: str) -> bool:
        if any(form[:length] in self._innocent for length in self._innocent_lengths):
            return False
        return (
            form in self._whole
            or any(form[:length] in self._begins for length in self._begin_lengths)
            or any(part in self._inside for part in _parts(form, self._inside_lengths))
        )

    def _has_apart(self, form: str) -> bool:
        return any(part in self._apart for part in _parts(form, self._apart_lengths))


@lru_cache(maxsize=SCREENS_MAX)
def screen_of(words: tuple[str, ...]) -> Screen:
    """The screen of a host's words, compiled once."""
    return Screen(words)


def same_text_key(text: str) -> str:
    """The same for texts that people take for the same: case, marks, look-alikes, punctuation and lengthened letters do not
    count. Digits do: 100 is not 1000. A text of signs alone is compared as it is."""
    plain = normalised(text)
    letters = _LETTER_RUN.sub(r"\1", "".join(re.findall(r"[^\W_]+", plain)).translate(_LOOKS_LATIN))
    return hashlib.blake2b((letters or "".join(plain.split())).encode(), digest_size=12).hexdigest()


def normalised(text: str) -> str:
    """Compatibility decomposition (NFKD), case folding, no marks and no invisible characters. Doing it twice changes nothing."""
    for _ in range(ROUNDS_MAX):
        decomposed = unicodedata.normalize("NFKD", text).casefold()
        settled = "".join(char for char in unicodedata.normalize("NFKD", decomposed) if _is_visible(char))
        if settled == text:
            break
        text = settled
    return text


def _is_visible(char: str) -> bool:
    return unicodedata.category(char) not in ("Mn", "Me", "Cf", "Cs") and (char >= " " or char.isspace())


def _has_link(plain: str) -> bool:
    """Also with look-alikes in the address («vk.соm»), and the full stop U+3002, which browsers take for a dot (UTS #46)."""
    plain = plain.replace("\u3002", ".")
    return any(link.search(reading) for reading in (plain, plain.translate(_LOOKS_LATIN)) for link in _LINKS)


def _words(plain: str) -> list[str]:
    return _WORD.findall(plain)


def _spaced(plain: str) -> str:
    return f" {' '.join(_words(plain))} "


def _glued(plain: str) -> Iterator[str]:
    """Chunks with something in the middle («су-ка», «f.uck»), without it."""
    for chunk in plain.split():
        parts = _words(chunk)
        if len(parts) > 1:
            yield "".join(parts)


def _spelt(words: Iterable[str]) -> Iterator[str]:
    """Letters that stand apart («с у к а»), together."""
    letters: list[str] = []
    for word in [*words, "end"]:
        if len(word) == 1:
            letters.append(word)
            continue
        if len(letters) >= STEM_LENGTH_MIN:
            yield "".join(letters)
        letters = []


def _forms(word: str) -> set[str]:
    """What a word may be read as: as Cyrillic and as Latin, with lengthened letters once and twice."""
    cyrillic, latin = bool(_CYRILLIC.search(word)), bool(_LATIN.search(word))
    readings = []
    if cyrillic:
        readings.append(word.translate(_MIXED_CYRILLIC))
        if "b" in word:
            readings.append(word.replace("b", "в").translate(_MIXED_CYRILLIC))
    elif latin:
        readings.append(word.translate(_LOOKS_CYRILLIC))
    if latin or not cyrillic:
        readings.append(word.translate(_LOOKS_LATIN).translate(_LEET))
    return {_RUN.sub(times, reading) for reading in readings for times in (r"\1", r"\1\1")}


def _parts(form: str, lengths: tuple[int, ...]) -> Iterator[str]:
    for start in range(len(form)):
        for length in lengths:
            yield form[start : start + length]


def _lengths(stems: set[str]) -> tuple[int, ...]:
    return tuple(sorted({len(stem) for stem in stems}))
