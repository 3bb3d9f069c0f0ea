"""What a careful reader is sure of, held against a reading: which facts are missing, which must not be there."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def _sentences(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (Path(__file__).parent / name).read_text("utf-8").splitlines()]


SENTENCES = _sentences("sentences.jsonl")
MORE = _sentences("more.jsonl")
"""Written before the reader was tried on them, so that it is not only good at those it was made with. ``known`` names
what goes wrong in one that is not read whole."""
_PLAIN = ("size", "angle", "lens_mm", "stop", "int_ext", "time_of_day", "season", "dutch", "pov_of")
_LISTS = ("kind", "weather", "light", "without")


@dataclass(frozen=True)
class Fault:
    """A fact that a reading misses, or has though it must not."""

    field: str
    wanted: Any
    has: Any


def same(wanted: Any, has: Any) -> bool:
    """One of the alternatives of ``wanted``, parted by bars; of a list, any of its values."""
    if has is None:
        return False
    if isinstance(wanted, bool):
        return wanted == has
    if isinstance(wanted, (int, float)):
        return isinstance(has, (int, float)) and abs(wanted - has) < 1e-6
    if isinstance(has, (list, tuple)):
        return any(same(wanted, one) for one in has)
    return str(has).lower() in [one.strip().lower() for one in str(wanted).split("|")]


def faults(sentence: Mapping[str, Any], read: Mapping[str, Any]) -> list[Fault]:
    """Everything that is wrong with a reading, as plain data, of a sentence."""
    return [*_missing(sentence["expect"], read), *_wrong(sentence, read)]


def _missing(expect: Mapping[str, Any], read: Mapping[str, Any]) -> Iterator[Fault]:
    for name, wanted in expect.items():
        if (
            (name in _PLAIN and not same(wanted, read[name]))
            or (name == "aspect" and (read["aspect"] or "").removesuffix(":1") != wanted.removesuffix(":1"))
            or (name == "place" and not same(wanted, (read["place"] or {}).get("name")))
        ):
            yield Fault(name, wanted, read[name])
        elif name in _LISTS:
            yield from (Fault(name, one, read[name]) for one in wanted if not same(one, read[name]))
        elif name == "over_shoulder":
            has = read[name] or {}
            yield from (Fault(name, {role: one}, has) for role, one in wanted.items() if not same(one, has.get(role)))
        elif name == "people_total":
            has = sum(person["count"] for person in read["people"])
            if has != wanted:
                yield Fault(name, wanted, has)
        elif name in ("moves", "people", "props"):
            yield from (Fault(name, one, read[name]) for one in wanted if not _has(one, read[name]))
        elif name == "props_or_place" and not (
            same(wanted, (read["place"] or {}).get("name")) or _has({"what": wanted}, read["props"])
        ):
            yield Fault(name, wanted, (read["place"], read["props"]))


def _has(wanted: Mapping[str, Any], among: list[Mapping[str, Any]]) -> bool:
    return any(all(_fits(name, value, one) for name, value in wanted.items()) for one in among)


def _fits(name: str, wanted: Any, one: Mapping[str, Any]) -> bool:
    if name == "where":
        where = one["where"] or {}
        return same(wanted["relation"], where.get("relation")) and same(wanted["to"], where.get("to"))
    if name == "action":
        return same(wanted, one["action"]) or same(wanted, one["pose"])
    return same(wanted, one.get(name))


def _wrong(sentence: Mapping[str, Any], read: Mapping[str, Any]) -> Iterator[Fault]:
    for name, refused in sentence["must_not"].items():
        has = read[name]
        if name in ("people", "props"):
            has = [one["who" if name == "people" else "what"] for one in has]
        elif name == "moves":
            has = [move["kind"] for move in has]
        elif not isinstance(has, list):
            has = [] if has is None else [has]
        for one in refused:
            if (one == "*" and has) or any(same(one, value) for value in has):
                yield Fault(f"not {name}", one, has)
    for word in sentence.get("not_understood_must_include", []):
        if word not in read["not_understood"]:
            yield Fault("not_understood", word, read["not_understood"])
