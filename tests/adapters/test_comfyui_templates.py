"""Workflow templates: what a studio may write, and what it is told where it wrote something else."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from auteur.adapters.engines.comfyui.needs import lacking
from auteur.adapters.engines.comfyui.plugin import OWN_TEMPLATES, make
from auteur.adapters.engines.comfyui.progress import Progress
from auteur.adapters.engines.comfyui.templates import Template, load
from auteur.adapters.engines.comfyui.words import in_words
from auteur.adapters.engines.tools import EngineNotConfiguredError, EngineSettingError, EngineSettings, EngineTools
from auteur.domain.errors import InvalidParamsError
from auteur.domain.quality import QualityMapper, QualityPreset
from auteur.testing.engines import engine_tools

WORKFLOW: dict[str, Any] = {
    "1": {"class_type": "Words", "inputs": {"text": "a field", "strength": 1.0}, "_meta": {"title": "Prompt"}},
    "2": {"class_type": "Words", "inputs": {"text": ""}, "_meta": {"title": "Twin"}},
    "3": {"class_type": "Words", "inputs": {"text": ""}, "_meta": {"title": "Twin"}},
    "4": {
        "class_type": "Sampler",
        "inputs": {"words": ["1", 0], "steps": 20, "seed": 7, "on": True, "image": "x.png"},
        "_meta": {"title": "Sampler v1.5"},
    },
    "5": {"class_type": "SaveImage", "inputs": {"images": ["4", 0], "filename_prefix": "ComfyUI"}},
}
DOCUMENTATION = Path(__file__).parents[2] / "docs" / "comfyui.md"
HEAD = 'task_type = "text_to_image"\nsummary = "A frame."\n'
PARAMETERS = """
[parameters.prompt]
type = "string"
sets = ["Prompt.text"]
format = "film still, {value}, 35mm"
required = true
max_length = 50

[parameters.steps]
type = "integer"
sets = ["Sampler v1.5.steps"]
min = 1
max = 50

[parameters.strength]
type = "number"
sets = ["1.strength"]
choices = [0.5, 1.0]

[parameters.seed]
type = "seed"
sets = ["Sampler v1.5.seed"]

[parameters.width_px]
type = "integer"
sets = ["2.text"]
default = 512

[parameters.depth]
type = "image"
control = "depth"
sets = ["Sampler v1.5.image"]

[quality.draft]
steps = 4
"""


def written(
    folder: Path, sidecar: str, workflow: Any = WORKFLOW, name: str = "frame"
) -> tuple[list[Template], list[str]]:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.toml").write_text(sidecar)
    (folder / f"{name}.json").write_text(workflow if isinstance(workflow, str) else json.dumps(workflow))
    return load(folder)


def good(tmp_path: Path) -> Template:
    (template,), problems = written(tmp_path / "templates", HEAD + PARAMETERS)
    assert problems == []
    return template


def test_a_template_becomes_a_task_type_with_its_form(tmp_path: Path) -> None:
    task_type = good(tmp_path).task_type
    properties = task_type.params_schema["properties"]
    assert (task_type.name, task_type.engine, task_type.summary) == ("text_to_image", "comfyui", "A frame.")
    assert task_type.params_schema["additionalProperties"] is False
    assert sorted(task_type.params_schema["required"]) == ["depth", "prompt"]
    assert (properties["steps"]["minimum"], properties["steps"]["maximum"], properties["steps"]["default"]) == (
        1,
        50,
        20,
    )
    assert properties["strength"]["enum"] == [0.5, 1.0]
    assert task_type.preset_parameters == {"steps", "width_px"}
    assert [(given.name, given.kind, given.control) for given in task_type.inputs] == [("depth", "image", "depth")]


def test_values_come_into_their_places_and_the_template_stays(tmp_path: Path) -> None:
    template = good(tmp_path)
    filled = template.filled({"prompt": "a lighthouse", "steps": 9, "seed": 3}, "auteur/x/out")
    assert filled["1"]["inputs"]["text"] == "film still, a lighthouse, 35mm"
    assert (filled["4"]["inputs"]["steps"], filled["4"]["inputs"]["seed"]) == (9, 3)
    assert filled["5"]["inputs"]["filename_prefix"] == "auteur/x/out"
    assert template.workflow == WORKFLOW


@pytest.mark.parametrize(
    ("params", "refused"),
    [
        ({}, "prompt"),
        ({"steps": 51}, "steps"),
        ({"steps": 1.5}, "steps"),
        ({"steps": "9"}, "steps"),
        ({"strength": 0.7}, "strength"),
        ({"prompt": "x" * 51}, "prompt"),
        ({"seed": -1}, "seed"),
        ({"colour": "red"}, "colour"),
        ({"depth": 5}, "depth"),
    ],
)
def test_what_a_template_does_not_take_is_refused_by_field(
    tmp_path: Path, params: dict[str, Any], refused: str
) -> None:
    model = good(tmp_path).model
    with pytest.raises(InvalidParamsError) as error:
        model.read({"prompt": "a field", "depth": "uploads/x.png", **params} if params else {"depth": "uploads/x.png"})
    assert refused in {problem["field"].partition(".")[0] for problem in error.value.details["problems"]}


BAD = {
    "no toml": ("task_type = ", WORKFLOW, r"^frame\.toml: is no TOML: "),
    "no summary": ('task_type = "a"', WORKFLOW, r"^frame\.toml: summary: Field required$"),
    "an unknown word": (HEAD + "colour = 1", WORKFLOW, r"^frame\.toml: colour: Extra inputs are not permitted$"),
    "no json": (HEAD, "{", r"^frame\.json: is no JSON: "),
    "a name twice": (HEAD, '{"1": {"class_type": "A"}, "1": {}}', r"^frame\.json: 1: is given more than once"),
    "the editor's format": (HEAD, {"nodes": [], "links": []}, r"^frame\.json: is the editor's own format: export"),
    "a node without class": (HEAD, {"1": {"inputs": {}}}, r"^frame\.json: node 1: has no class_type$"),
    "a link to nowhere": (
        HEAD, {"1": {"class_type": "A", "inputs": {"x": ["9", 0]}}},
        r'^frame\.json: node "A": leads from no node \(9\)$',
    ),
    "no such node": (
        HEAD + '[parameters.a]\ntype = "string"\nsets = ["Nobody.text"]', WORKFLOW,
        r'^frame\.toml: parameters\.a\.sets: frame\.json has no node "Nobody"$',
    ),
    "two nodes of that title": (
        HEAD + '[parameters.a]\ntype = "string"\nsets = ["Twin.text"]', WORKFLOW,
        r'^frame\.toml: parameters\.a\.sets: frame\.json has 2 nodes "Twin": name one by its id$',
    ),
    "no such input": (
        HEAD + '[parameters.a]\ntype = "string"\nsets = ["Prompt.words"]', WORKFLOW,
        r'^frame\.toml: parameters\.a\.sets: the node "Prompt" of frame\.json has no input words$',
    ),
    "a linked input": (
        HEAD + '[parameters.a]\ntype = "string"\nsets = ["4.words"]', WORKFLOW,
        r'^frame\.toml: parameters\.a\.sets: the input words of the node "4" comes from another node$',
    ),
    "set twice": (
        HEAD + '[parameters.a]\ntype = "string"\nsets = ["1.text"]\n[parameters.b]\ntype = "string"\nsets = ["1.text"]',
        WORKFLOW, r'^frame\.toml: parameters\.b\.sets: text of the node "Prompt" is set by a already$',
    ),
    "our own input": (
        HEAD + '[parameters.a]\ntype = "string"\nsets = ["5.filename_prefix"]', WORKFLOW,
        r"^frame\.toml: parameters\.a\.sets: filename_prefix is auteur's own to set$",
    ),
    "a default out of bounds": (
        HEAD + '[parameters.a]\ntype = "integer"\nmax = 9\nsets = ["4.steps"]', WORKFLOW,
        r'^frame\.toml: parameters\.a: steps of the node "Sampler v1\.5" cannot be its default: .*or equal to 9',
    ),
    "bounds of a text": (
        HEAD + '[parameters.a]\ntype = "string"\nmax = 9\nsets = ["1.text"]', WORKFLOW,
        r"^frame\.toml: parameters\.a: max means nothing for the type string$",
    ),
    "no control pass": (
        HEAD + '[parameters.a]\ntype = "image"\ncontrol = "smell"\nsets = ["4.image"]', WORKFLOW,
        r"^frame\.toml: parameters\.a\.control: is none of depth, ",
    ),
    "a quality of what is no parameter": (
        HEAD + "[quality.draft]\nsteps = 4", WORKFLOW,
        r"^frame\.toml: quality\.draft\.steps: there is no such parameter$",
    ),
    "a quality out of bounds": (
        HEAD + PARAMETERS.replace("steps = 4", "steps = 99"), WORKFLOW, r"^frame\.toml: quality\.draft\.steps: .*50$",
    ),
    "outputs of no node": (
        HEAD + '[[outputs]]\nnode = "Nobody"', WORKFLOW, r'^frame\.toml: outputs: frame\.json has no node "Nobody"$',
    ),
    "a workflow elsewhere": (HEAD + 'workflow = "../x.json"', WORKFLOW, r"^frame\.toml: workflow: must be the name of"),
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_a_bad_template_is_told_in_one_line_and_the_others_work_on(tmp_path: Path, bad: str) -> None:
    sidecar, workflow, said = BAD[bad]
    written(tmp_path / "t", HEAD.replace("text_to_image", "other"), name="good")
    templates, (problem,) = written(tmp_path / "t", sidecar, workflow)
    assert [template.task_type.name for template in templates] == ["other"]
    assert re.search(said, problem), problem
    assert "\n" not in problem


def test_two_templates_of_one_task_type_and_a_workflow_without_its_sidecar_are_told(tmp_path: Path) -> None:
    written(tmp_path / "t", HEAD, name="b")
    (tmp_path / "t" / "lonely.json").write_text("{}")
    templates, problems = written(tmp_path / "t", HEAD, name="a")
    assert [template.file for template in templates] == ["a.json"]
    assert problems == [
        "b.toml: task_type text_to_image is a.toml's already",
        "lonely.json: there is no lonely.toml beside it that says what of it is a parameter",
    ]


def test_the_example_of_the_documentation_is_a_template(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```toml\n(.*?)^```", DOCUMENTATION.read_text(), re.MULTILINE | re.DOTALL)
    nodes = {
        "Positive": {"text": ""},
        "Sampler": {"steps": 20, "seed": 0},
        "Canvas": {"width": 512, "height": 512},
        "Look": {"lora_name": "night.safetensors"},
        "Depth": {"image": "x.png"},
        "Save": {"filename_prefix": "ComfyUI"},
    }
    workflow = {
        title: {"class_type": "Any", "inputs": inputs, "_meta": {"title": title}} for title, inputs in nodes.items()
    }
    (template,), problems = written(tmp_path / "t", example, workflow)
    assert problems == []
    assert template.outputs == {"Save": "frame"}


# --- what a server lacks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "lacks"),
    [
        ({"input": {"required": {"model": [["a", "b"]]}}}, ['model "c" is not there (node "Load", Loader)']),
        ({"input": {"optional": {"model": ["COMBO", {"options": ["a"]}]}}},
         ['model "c" is not there (node "Load", Loader)']),
        ({"input": {"required": {"model": [["c"]]}}}, []),
        ({"input": {"required": {"model": [["a"], {"image_upload": True}]}}}, []),
        ({"input": {"required": {"model": ["COMBO", {"remote": {"route": "/x"}}]}}}, []),
        ({"input": {"required": {"model": ["STRING", {"default": "a"}]}}}, []),
        (None, ['node class Loader is not installed (node "Load")']),
    ],
)  # fmt: skip
def test_a_server_lacks_classes_and_what_it_does_not_list(known: Any, lacks: list[str]) -> None:
    workflow = {"1": {"class_type": "Loader", "inputs": {"model": "c"}, "_meta": {"title": "Load"}}}
    assert lacking(workflow, {"Loader": known} if known else {}) == lacks


# --- progress ------------------------------------------------------------------------------------------------------


def test_progress_counts_what_the_outputs_need_and_a_sampler_for_more() -> None:
    progress = Progress(WORKFLOW, ["5"])
    progress.hear("execution_cached", {"nodes": ["1", "2"]})
    cached = progress.value
    progress.hear("executing", {"node": "4", "display_node": "4"})
    progress.hear("progress", {"node": "4", "value": 10, "max": 20})
    half = progress.value
    progress.hear("progress", {"node": "4", "value": 2, "max": 20})
    assert progress.value == half, "it never falls"
    progress.hear("executing", {"node": "5", "display_node": "5"})
    progress.hear("executed", {"node": "5"})
    assert 0 < cached < 0.1 < half < 0.6
    assert progress.value == 0.99, "the last bit is the ending's"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("cannot open /srv/comfy/models/x.bin", "cannot open x.bin"),
        (r"cannot open C:\comfy\models\x.bin now", "cannot open x.bin now"),
        ("first\nsecond", "first"),
        ("width/height must match 3/4", "width/height must match 3/4"),
        ("", ""),
        (None, ""),
        ("x" * 1000, "x" * 300),
    ],
)
def test_no_path_of_a_server_reaches_the_user(said: Any, told: str) -> None:
    assert in_words(said) == told


# --- settings and presets ------------------------------------------------------------------------------------------


async def made(tmp_path: Path, **given: str) -> Any:
    async with engine_tools(tmp_path) as tools:
        settings = EngineSettings("comfyui", {f"comfyui_{name}": value for name, value in given.items()})
        return make(EngineTools(tools.processes, tools.artifacts, settings))


async def test_the_engine_is_off_until_a_server_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineNotConfiguredError, match="set BACKEND_COMFYUI_SERVERS"):
        await made(tmp_path)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"servers": "localhost:8188"}, "COMFYUI_SERVERS"),
        ({"servers": "http://a:8188,ftp://b"}, "COMFYUI_SERVERS"),
        ({"servers": "http://a:port"}, "COMFYUI_SERVERS"),
        ({"servers": "http://a", "slots": "0"}, "COMFYUI_SLOTS"),
        ({"servers": "http://a", "timeout": "soon"}, "COMFYUI_TIMEOUT"),
        ({"servers": "http://a", "header": "no colon"}, "COMFYUI_HEADER"),
        ({"servers": "http://a", "templates": "/nowhere"}, "COMFYUI_TEMPLATES"),
    ],
)
async def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path, given: Mapping[str, str], name: str) -> None:
    with pytest.raises(EngineSettingError) as refused:
        await made(tmp_path, **given)
    assert refused.value.name == name


async def test_auteurs_own_templates_serve_where_no_folder_is_named(tmp_path: Path) -> None:
    handler = await made(tmp_path, servers="http://127.0.0.1:8188")
    names = {task_type.name for task_type in handler.task_types}
    assert names == {"text_to_image", "image_to_image", "depth_to_image", "upscale"}
    assert load(OWN_TEMPLATES)[1] == []


def test_a_templates_own_presets_go_before_the_general_ones_and_after_the_operators(tmp_path: Path) -> None:
    task_type = good(tmp_path).task_type
    general = QualityPreset(steps=10, width_px=640, height_px=360, lane="interactive", timeout_s=60)
    operators = {"text_to_image": {"draft": replace(general, steps=12)}}
    mapper = QualityMapper({"draft": general}, "draft")
    assert mapper.resolve(task_type, "draft", {}).parameters == {"steps": 4, "width_px": 640}
    assert mapper.resolve(task_type, "draft", {"steps": 2}).parameters == {"steps": 2, "width_px": 640}
    mapper = QualityMapper({"draft": general}, "draft", operators, {"text_to_image": {"draft"}})
    assert mapper.resolve(task_type, "draft", {}).parameters == {"steps": 12, "width_px": 640}
