"""The page's logic: its own tests, and its corrections held against the reader whose words they correct."""

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from auteur.adapters.engines.previs.reading.asked import asked_shot
from auteur.adapters.engines.previs.reading.choices import OFFERED, PLACE_NAMES, VOCABULARY
from auteur.adapters.engines.previs.reading.meanings import as_data
from auteur.adapters.engines.previs.reading.shot import SIZES, Shot
from auteur.adapters.engines.previs.storyboard import FrameParameters
from tests.page_source import NODE, WEB, bundled, needs_node

pytestmark = needs_node

OVERRIDES = {"shot": SIZES, "place": PLACE_NAMES}


def ran(script: Path, *, flags: tuple[str, ...] = (), given: str = "") -> str:
    assert NODE is not None
    done = subprocess.run([NODE, *flags, str(script)], input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("name", sorted(path.name for path in (WEB / "test").glob("*.test.ts")))
def test_the_logic_of_the_page_passes_its_own_tests(name: str, tmp_path: Path) -> None:
    made = bundled(tmp_path, f"test/{name}", platform="node", format="cjs")
    told = ran(next(made.glob("*.js")), flags=("--test-reporter=tap",))
    assert "\n# fail 0" in told, told
    assert "\n# pass 0" not in told, "it has tests"


def _read(prompt: str, params: dict[str, Any]) -> Shot:
    return asked_shot({"prompt": prompt, **params})


def _prompt(rng: random.Random) -> str:
    subjects = rng.choices(sorted(VOCABULARY), k=rng.randint(1, 6))
    words = [rng.choice(list(VOCABULARY[subject].values())) for subject in subjects]
    return ", ".join([*words, *rng.sample(["xyzzy", "\U0001f30a", "melancholic"], rng.randint(0, 2))])


def test_a_corrected_word_means_to_the_reader_what_was_wished(tmp_path: Path) -> None:
    """Six hundred random prompts, each with one of its words, used or not, corrected to another of its subject."""
    rng = random.Random(13)
    asked = []
    while len(asked) < 600:
        prompt = _prompt(rng)
        params = {name: rng.choice(sorted(names)) for name, names in OVERRIDES.items() if rng.random() < 0.2}
        told = as_data(prompt, _read(prompt, params))
        meant = rng.choice(told["words"]) if told["words"] else None
        if meant is None or meant["subject"] not in VOCABULARY:
            continue
        name = rng.choice([name for name in VOCABULARY[meant["subject"]] if name != meant["name"]])
        wish = {"start": meant["start"], "end": meant["end"], "subject": meant["subject"], "name": name}
        about = {"vocabulary": OFFERED, "takes": sorted(FrameParameters.model_fields)}
        asked.append({"prompt": prompt, "params": params, "wish": wish, "meanings": told["words"], **about})
    script = next(bundled(tmp_path, "test/correct.ts", platform="node", format="cjs").glob("*.js"))
    answers = ran(script, given="\n".join(map(json.dumps, asked))).splitlines()
    missed = []
    for one, line in zip(asked, answers, strict=True):
        answer = json.loads(line)
        FrameParameters.read({"prompt": answer["prompt"] or "x", **answer["params"]})
        subject, name = one["wish"]["subject"], one["wish"]["name"]
        has = getattr(_read(answer["prompt"], answer["params"]), subject)
        if subject == "moves":
            has = [move.kind for move in has]
        one_of_many = isinstance(has, (list, tuple))
        meant_so = (
            name in has if one_of_many else float(has) == float(name) if subject in ("lens_mm", "stop") else has == name
        )
        if not meant_so:
            missed.append((one["prompt"], one["params"], one["wish"], answer, has))
    assert missed == []
