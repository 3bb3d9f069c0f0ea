"""TrueType files (OpenType 1.9): glyphs made of others, so that what is read as one letter is one glyph."""

import struct
from collections.abc import Mapping, Sequence

Part = tuple[int, int, int]
"""A glyph's number, and how far right and up it stands, in the font's units."""

_WORDS, _PLACES, _MORE = 0x0001, 0x0002, 0x0020
_WHOLE = 0xB1B0AFBA


def with_composites(tables: Mapping[str, bytes], made: Sequence[tuple[Sequence[Part], int]]) -> bytes:
    """A font file of these tables, with a glyph more for each of the given: its parts, and its advance. The first of
    them has the number that follows the last of the tables' own. A part that draws nothing is left out."""
    found = {tag: bytearray(data) for tag, data in tables.items()}
    head, hhea, maxp = found["head"], found["hhea"], found["maxp"]
    [count] = struct.unpack_from(">H", maxp, 4)
    [is_long] = struct.unpack_from(">h", head, 50)
    places = [
        place * (1 if is_long else 2) for (place,) in struct.iter_unpack(">L" if is_long else ">H", tables["loca"])
    ][: count + 1]
    [long_metrics] = struct.unpack_from(">H", hhea, 34)
    metrics = list(struct.iter_unpack(">Hh", tables["hmtx"][: 4 * long_metrics]))
    metrics += [(metrics[-1][0], *side) for side in struct.iter_unpack(">h", tables["hmtx"][4 * long_metrics :])]
    glyf = found["glyf"]
    for parts, advance in made:
        drawn = [part for part in parts if places[part[0]] < places[part[0] + 1]]
        boxes = [
            (x0 + dx, y0 + dy, x1 + dx, y1 + dy)
            for number, dx, dy in drawn
            for x0, y0, x1, y1 in [struct.unpack_from(">4h", glyf, places[number] + 2)]
        ]
        if drawn:
            glyf += bytes(-len(glyf) % 4)
            places[-1] = len(glyf)
            x0, y0 = min(box[0] for box in boxes), min(box[1] for box in boxes)
            glyf += struct.pack(">5h", -1, x0, y0, max(box[2] for box in boxes), max(box[3] for box in boxes))
            for index, (number, dx, dy) in enumerate(drawn, 1):
                more = _MORE if index < len(drawn) else 0
                glyf += struct.pack(">HHhh", _WORDS | _PLACES | more, number, dx, dy)
            places.append(len(glyf))
        else:
            places.append(places[-1])
        metrics.append((max(advance, 0), min((box[0] for box in boxes), default=0)))
    found["loca"] = bytearray(struct.pack(f">{len(places)}L", *places))
    found["hmtx"] = bytearray(b"".join(struct.pack(">Hh", *metric) for metric in metrics))
    struct.pack_into(">h", head, 50, 1)
    struct.pack_into(">H", hhea, 34, len(metrics))
    struct.pack_into(">H", maxp, 4, len(metrics))
    _widen(maxp, max((len(parts) for parts, _ in made), default=0))
    return _file(found)


def _widen(maxp: bytearray, most: int) -> None:
    """The most points, contours, parts and depths that a glyph has."""
    points, contours, both, joined = struct.unpack_from(">4H", maxp, 6)
    elements, depth = struct.unpack_from(">2H", maxp, 28)
    struct.pack_into(
        ">2H",
        maxp,
        10,
        min(max(points, both) * max(most, 1), 0xFFFF),
        min(max(contours, joined) * max(most, 1), 0xFFFF),
    )
    struct.pack_into(">2H", maxp, 28, max(elements, most), depth + 1)


def _file(tables: Mapping[str, bytearray]) -> bytes:
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    directory = struct.pack(">LHHHH", 0x00010000, count, power * 16, power.bit_length() - 1, (count - power) * 16)
    struct.pack_into(">L", tables["head"], 8, 0)
    body, start = bytearray(), 12 + 16 * count
    for tag, data in sorted(tables.items()):
        directory += struct.pack(">4sLLL", tag.encode(), _sum(data), start + len(body), len(data))
        if tag == "head":
            adjusted = start + len(body) + 8
        body += data + bytes(-len(data) % 4)
    whole = bytearray(directory + body)
    struct.pack_into(">L", whole, adjusted, (_WHOLE - _sum(whole)) & 0xFFFFFFFF)
    return bytes(whole)


def _sum(data: bytes | bytearray) -> int:
    padded = bytes(data) + bytes(-len(data) % 4)
    total: int = sum(struct.unpack(f">{len(padded) // 4}L", padded))
    return total & 0xFFFFFFFF
