"""Bodies that are not JSON, are JSON twice over, or are more JSON than anybody means."""

import json

from tests.hostile.entry import accepted, http, refused, submit, task

NOT_JSON = refused(400, 422)
_PARAMS = json.dumps(task()["params"])


def _task(params: str, rest: str = "") -> bytes:
    return f'{{"task_type": "text_to_image", "quality": "draft", "params": {params}{rest}}}'.encode(
        "utf-8", "surrogatepass"
    )


def _with_prompt(prompt: str) -> bytes:
    """``prompt``: as JSON."""
    return _task(f'{{"prompt": {prompt}, "width_px": 64, "height_px": 64, "steps": 1}}')


BODIES = {
    "nothing": b"",
    "a space": b" ",
    "a word": b"task",
    "null": b"null",
    "a number": b"1",
    "a text": b'"text_to_image"',
    "a list": b"[]",
    "a list of a task": json.dumps([task()]).encode(),
    "an object of nothing": b"{}",
    "half an object": b'{"task_type": "text_to_image"',
    "a bracket too many": json.dumps(task()).encode() + b"}",
    "two objects": json.dumps(task()).encode() * 2,
    "an object and a word": json.dumps(task()).encode() + b" x",
    "single quotes": json.dumps(task()).replace('"', "'").encode(),
    "a comma too many": _task(_PARAMS, ","),
    "a comment": _task(_PARAMS, " /* x */"),
    "names without quotes": b"{task_type: 1}",
    "a line break within a text": _with_prompt('"a\nb"'),
    "a NUL within a text": _with_prompt('"a\0b"'),
    "an escape that there is not": _with_prompt('"\\x41"'),
    "half an escape": _with_prompt('"\\u12"'),
    "a lone surrogate": _with_prompt('"\\ud800"'),
    "surrogates turned round": _with_prompt('"\\udc00\\ud800"'),
    "a surrogate in UTF-8": _with_prompt('"\ud800"'),
    "bytes that are not UTF-8": _with_prompt('"a"').replace(b'"a"', b'"\xff\xfe"'),
    "UTF-8 that is longer than need be": _with_prompt('"a"').replace(b'"a"', b'"\xc0\xaf"'),
    "UTF-8 beyond Unicode": _with_prompt('"a"').replace(b'"a"', b'"\xf4\x90\x80\x80"'),
    "UTF-16": json.dumps(task()).encode("utf-16"),
    "UTF-32": json.dumps(task()).encode("utf-32"),
    "UTF-7": json.dumps(task()).encode("utf-7").replace(b'"', b"+ACI-"),
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps(task()).encode(),
    "XML": b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><x>&y;</x>",
    "YAML": b"task_type: !!python/object/apply:os.system ['id']",
    "a pickle": b"cos\nsystem\n(S'id'\ntR.",
    "NaN": _task('{"prompt": "a", "lens_mm": NaN}'),
    "Infinity": _task('{"prompt": "a", "lens_mm": Infinity}'),
    "minus Infinity": _task('{"prompt": "a", "lens_mm": -Infinity}'),
    "a number too large": _task('{"prompt": "a", "lens_mm": 1e400}'),
    "a number of 5 000 digits": _task('{"prompt": "a", "seed": ' + "9" * 5000 + "}"),
    "a number of 100 000 digits": _task('{"prompt": "a", "seed": ' + "9" * 100_000 + "}"),
    "a fraction of 100 000 digits": _task('{"prompt": "a", "lens_mm": 0.' + "9" * 100_000 + "}"),
    "an exponent of a hundred digits": _task('{"prompt": "a", "lens_mm": 1e' + "9" * 100 + "}"),
    "a number with a zero before it": _task('{"prompt": "a", "seed": 01}'),
    "a number with a plus": _task('{"prompt": "a", "seed": +1}'),
    "a number in hexadecimal": _task('{"prompt": "a", "seed": 0x1}'),
    "a number with a point and no more": _task('{"prompt": "a", "lens_mm": 1.}'),
    "minus and no more": _task('{"prompt": "a", "seed": -}'),
    "a hundred levels of lists": b"[" * 100 + b"]" * 100,
    "a hundred thousand levels of lists": b"[" * 100_000 + b"]" * 100_000,
    "a hundred thousand levels that do not end": b"[" * 100_000,
    "a hundred thousand levels of objects": b'{"a":' * 40_000 + b"1" + b"}" * 40_000,
    "levels in the parameters": _task('{"prompt": "a", "x": ' + "[" * 50 + "]" * 50 + "}"),
    "a name twice": _task(_PARAMS, ', "quality": "high"'),
    "parameters twice": _task(_PARAMS, f', "params": {_PARAMS}'),
    "a parameter twice": _task('{"prompt": "a", "prompt": "b", "width_px": 64, "height_px": 64, "steps": 1}'),
    "a name twice, once escaped": _task('{"prompt": "a", "pro\\u006dpt": "b", "width_px": 64, "height_px": 64}'),
    "metadata twice": _task(_PARAMS, ', "metadata": {"a": 1, "a": 2}'),
    "ten thousand names": _task("{" + ", ".join(f'"p{n}": 1' for n in range(10_000)) + "}"),
    "ten thousand times the same name": _task("{" + ", ".join(['"p": 1'] * 10_000) + "}"),
    "a name of 100 000 letters": _task('{"prompt": "a", "' + "n" * 100_000 + '": 1}'),
    "a list of 100 000 numbers": _task('{"prompt": "a", "control": [' + "1," * 100_000 + "1]}"),
    "a name of nothing": _task('{"prompt": "a", "": 1}'),
    "__proto__": _task('{"prompt": "a", "__proto__": {"admin": true}}'),
    "__class__": _task(_PARAMS, ', "__class__": "x"'),
    "names of the model's own": _task(_PARAMS, ', "model_config": {}, "model_fields": {}'),
    "a name with a NUL": _task('{"prompt": "a", "a\\u0000b": 1}'),
}

ENTRIES = [
    *(http(name, submit(body), to=NOT_JSON) for name, body in BODIES.items()),
    http("200 000 spaces before it", submit(b" " * 200_000 + _task(_PARAMS)), to=accepted(202) | NOT_JSON),
    http("a large whole number in metadata", submit(_task(_PARAMS, ', "metadata": {"n": 1' + "0" * 3000 + "}")),
         to=accepted(202) | NOT_JSON),
    http("the largest double in metadata", submit(_task(_PARAMS, ', "metadata": {"n": 1.7976931348623157e308}')),
         to=accepted(202)),
    http("a negative zero in metadata", submit(_task(_PARAMS, ', "metadata": {"n": -0.0}')), to=accepted(202)),
    http("a number that is next to nothing", submit(_task(_PARAMS, ', "metadata": {"n": 1e-400}')),
         to=accepted(202) | NOT_JSON),
]  # fmt: skip
