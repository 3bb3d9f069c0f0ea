"""The regular forms of English words, so that the file need name only the irregular ones."""

_VOWELS = frozenset("aeiou")


def plural(noun: str) -> str:
    """Of the last word: knife is irregular and stands in the file."""
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in _VOWELS:
        return noun[:-1] + "ies"
    return noun + "s"


def singular(noun: str) -> str | None:
    """Of a word that looks like a regular plural; None if it does not."""
    if not noun.endswith("s") or noun.endswith(("ss", "us", "is")) or len(noun) < 4:
        return None
    if noun.endswith("ies") and len(noun) > 4:
        return noun[:-3] + "y"
    return noun[:-2] if noun.endswith(("ches", "shes", "xes", "sses")) else noun[:-1]


def verb_forms(verb: str) -> tuple[str, str, str]:
    """Third person, -ing and -ed of a regular verb; of several words the first changes: leans over, leaning over."""
    first, blank, rest = verb.partition(" ")
    rest = blank + rest
    third = first + "es" if first.endswith("o") else plural(first)
    if first.endswith("ie"):
        return third + rest, first[:-2] + "ying" + rest, first + "d" + rest
    if first.endswith("e") and not first.endswith("ee"):
        return third + rest, first[:-1] + "ing" + rest, first + "d" + rest
    if first.endswith("y") and first[-2:-1] not in _VOWELS:
        return third + rest, first + "ing" + rest, first[:-1] + "ied" + rest
    unstressed = len(first) == 4 and first[0] in _VOWELS and first not in ("omit", "emit", "abet", "abut")
    short = not unstressed and len(first) > 2 and first[-1] not in "aeiouwxyhs" and first[-2] in _VOWELS
    short = short and first[-3] not in _VOWELS  # open, edit, exit: opening
    if (short and (len(first) < 5 or first in ("strum", "scrub", "shrug", "admit", "unzip", "unwrap"))) or (
        short and len(first) == 5 and not first.endswith(("er", "en", "el", "on", "it", "in", "ow"))
    ):
        first += first[-1]
    return third + rest, first + "ing" + rest, first + "ed" + rest
