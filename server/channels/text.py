"""Makes what a person typed safe to show to others: no control characters, nothing that turns the direction of a line.

Pages show texts as text nodes, so markup is harmless; characters that reorder or hide text are not (Unicode TR 36 §3).
"""

import unicodedata

KEPT_FORMAT = frozenset("\u200c\u200d")
"""Non-joiner and joiner: Persian and emoji families need them. All other format characters (Cf) go, the bidirectional ones
(U+202A–202E, U+2066–2069, marks) and invisible ones (U+200B, U+2060, tags) among them."""

REMOVED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Control, format, surrogate, private use, unassigned."""


def clean_text(text: str) -> str:
    """NFC text in one line: white space runs become one space, unsafe characters go, ends are trimmed. May become empty."""
    spaced = "".join(" " if char.isspace() else char for char in unicodedata.normalize("NFC", text))
    return " ".join("".join(char for char in spaced if _shown(char)).split())


def _shown(char: str) -> bool:
    return char in KEPT_FORMAT or unicodedata.category(char) not in REMOVED_CATEGORIES
