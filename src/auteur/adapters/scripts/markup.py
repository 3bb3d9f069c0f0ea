"""Fountain's emphasis, taken out of a line: `*italics*`, `**bold**`, `***both***`, `_underlined_`."""

import re

_PIECES = re.compile(r"(\\[*_\\]|\*{1,3}|_)")


def plain(text: str) -> str:
    """The words without their emphasis, what is escaped as itself. It does not reach over a line's end, as the syntax
    says; a mark that nothing answers stays. Takes time in proportion to the text."""
    return "\n".join(map(_plain_line, text.split("\n"))) if "*" in text or "_" in text or "\\" in text else text


def _plain_line(line: str) -> str:
    pieces = _PIECES.split(line)
    open_at: dict[str, list[int]] = {}
    opened: list[tuple[int, str]] = []
    for place in range(1, len(pieces), 2):
        mark = pieces[place]
        if mark[0] == "\\":
            continue
        before, after = _beside(pieces, place)
        waiting = open_at.get(mark)
        if waiting and before and not before.isspace() and not (mark == "_" and after.isalnum()):
            start = waiting[-1]
            while opened and opened[-1][0] >= start:  # what was opened inside and not closed stays as it is
                at, other = opened.pop()
                open_at[other].pop()
                if at == start:
                    break
            pieces[start] = pieces[place] = ""
        elif after and not after.isspace() and not (mark == "_" and before.isalnum()):
            open_at.setdefault(mark, []).append(place)
            opened.append((place, mark))
    return "".join(piece[1] if place % 2 and piece[:1] == "\\" else piece for place, piece in enumerate(pieces))


def _beside(pieces: list[str], place: int) -> tuple[str, str]:
    """The characters before and after a mark; another mark beside it counts as one."""
    before = pieces[place - 1][-1:] or (pieces[place - 2][-1:] or "*" if place > 1 else "")
    after = pieces[place + 1][:1] or (pieces[place + 2][:1] or "*" if place + 2 < len(pieces) else "")
    return before, after
