"""The main job: a sentence becomes a frame, a frame becomes a shot, and everybody watches."""

import hashlib
import io
import json

import av
from PIL import Image

from tests.e2e.studio import TINY, Service

LIGHTHOUSE = "wide shot of a lighthouse at dusk"


async def test_a_sentence_becomes_a_frame_and_the_frame_a_shot(service: Service) -> None:
    async with service.socket() as socket, service.http() as http:
        task_id = await socket.start({"prompt": LIGHTHOUSE}, metadata={"shot": "12A"})
        done = await socket.ending(task_id)
        assert done["type"] == "complete", done
        assert done["metadata"] == {"shot": "12A"}
        (frame,) = done["result"]["artifacts"]
        read = done["result"]["understood"]
        assert ([prop["what"] for prop in read["props"]], read["not_understood"]) == (["lighthouse"], [])
        assert [(one["text"], one["field"]) for one in read["reads"]] == [
            ("wide shot", "size"), ("lighthouse", "props"), ("at dusk", "time_of_day"),
        ]  # fmt: skip
        assert done["result"]["engine"] == "previs"

        # the file on the workspace is the file on the wire, and is what was said of it
        data = (service.workspace / frame["path"]).read_bytes()
        assert (await http.get(frame["url"])).content == data
        assert (len(data), hashlib.sha256(data).hexdigest()) == (frame["size_bytes"], frame["sha256"])
        picture = Image.open(io.BytesIO(data))
        assert picture.size == (frame["width_px"], frame["height_px"]) == (512, 512)
        embedded = json.loads(picture.text["auteur"])  # type: ignore[attr-defined]
        assert embedded["params"] == done["result"]["params"]
        assert embedded["understood"] == read

        # while it was made there were previews that could be looked at
        progress = [m for m in socket.heard if m["type"] == "progress"]
        shares = [m["progress"] for m in progress]
        assert shares[0] == 0.0
        assert shares == sorted(shares)
        preview = next(m["preview_url"] for m in progress if "preview_url" in m)
        assert Image.open(io.BytesIO((await http.get(preview)).content)).format == "JPEG"

        asked = {"source_image": frame["url"], "move": "pan_left", "duration_s": 1.5, "fps": 25}
        task_id = await socket.start(asked, task_type="image_to_video")
        done = await socket.ending(task_id)
        assert done["type"] == "complete", done
        shot, poster = done["result"]["artifacts"]
        assert (shot["media_type"], poster["media_type"]) == ("video/mp4", "image/jpeg")
        with av.open(str(service.workspace / shot["path"])) as container:
            stream = container.streams.video[0]
            frames = sum(1 for _ in container.decode(video=0))
            assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
            assert (stream.width, stream.height, float(stream.average_rate or 0), frames) == (512, 512, 25.0, 38)
            assert json.loads(container.metadata["comment"])["params"] == done["result"]["params"]
        assert (shot["duration_s"], shot["fps"]) == (38 / 25, 25.0)
        start = await http.get(shot["url"], headers={"Range": "bytes=0-63"})
        assert start.status_code == 206
        assert len(start.content) == 64
        # fast start: a player finds the index before the pictures
        whole = (await http.get(shot["url"])).content
        assert whole.index(b"moov") < whole.index(b"mdat")


async def test_what_was_recorded_makes_it_again(service: Service) -> None:
    async with service.socket() as socket:
        first = await socket.ending(await socket.start({"prompt": LIGHTHOUSE, "steps": 2}))
        again = await socket.ending(await socket.start(first["result"]["params"], quality="ultra"))
        assert again["result"]["artifacts"][0]["sha256"] == first["result"]["artifacts"][0]["sha256"]
        other = await socket.ending(await socket.start({**first["result"]["params"], "seed": 99}))
        assert other["result"]["artifacts"][0]["sha256"] != first["result"]["artifacts"][0]["sha256"]


async def test_control_passes_lie_beside_the_frame_and_are_served_as_what_they_are(service: Service) -> None:
    async with service.socket() as socket, service.http() as http:
        asked = {"prompt": "two friends", "steps": 1, "seed": 4}
        bare = await socket.ending(await socket.start(asked))
        done = await socket.ending(await socket.start({**asked, "control": ["set", "depth", "pose"]}, shot="12A"))
        assert done["result"]["params"]["control"] == ["depth", "pose", "set"]
        frame, *controls = done["result"]["artifacts"]
        pictures = []
        for artifact in (frame, *bare["result"]["artifacts"]):
            with Image.open(service.workspace / artifact["path"]) as picture:
                pictures.append(picture.tobytes())
        assert pictures[0] == pictures[1], "the picture is what it would have been"
        assert {control["kind"] for control in controls} == {"control"}
        kinds = {control["name"]: control["media_type"] for control in controls}
        assert kinds == {
            "control-depth.png": "image/png",
            "control-depth16.png": "image/png",
            "control-pose.png": "image/png",
            "control-pose.json": "application/json",
            "control-set.glb": "model/gltf-binary",
        }
        for control in controls:
            answer = await http.get(control["url"])
            assert answer.headers["content-type"] == control["media_type"]
            assert hashlib.sha256(answer.content).hexdigest() == control["sha256"]
        (shot,) = (await http.get(f"/api/v1/projects/{frame['url'].split('/')[4]}/shots")).json()["shots"]
        assert shot["poster"]["name"] == "frame.png"
        twice = {"task_type": "text_to_image", "quality": "draft", "params": {**asked, "control": ["pose", "pose"]}}
        refused = await socket.answer(await socket.say("start_generation", **twice))
        assert refused["type"] == "error"
        assert refused["details"]["problems"][0]["field"] == "control"


async def test_presets_of_every_quality_are_honoured(service: Service) -> None:
    async with service.http() as http:
        types = {t["name"]: t for t in (await http.get("/api/v1/task-types")).json()["task_types"]}
    presets = {name: p["parameters"] for name, p in types["text_to_image"]["qualities"].items()}
    assert presets == {
        "draft": {"steps": 10, "width_px": 512, "height_px": 512},
        "standard": {"steps": 20, "width_px": 1024, "height_px": 1024},
        "high": {"steps": 30, "width_px": 1536, "height_px": 1536},
        "ultra": {"steps": 50, "width_px": 2048, "height_px": 2048},
    }
    async with service.socket() as socket:
        # the size of each for real; the passes of the large ones are cut short to spare the machine
        for quality, preset in presets.items():
            steps = {} if quality == "draft" else {"steps": 1}
            done = await socket.ending(await socket.start({"prompt": "a field", "seed": 1, **steps}, quality=quality))
            (frame,) = done["result"]["artifacts"]
            with Image.open(service.workspace / frame["path"]) as picture:
                assert picture.size == (preset["width_px"], preset["height_px"])
            assert done["result"]["metrics"]["passes"] == steps.get("steps", preset["steps"])


async def test_an_aspect_keeps_the_presets_number_of_pixels(service: Service) -> None:
    async with service.socket() as socket:
        done = await socket.ending(await socket.start({"prompt": "a field", "aspect": "2.39:1", "steps": 1}))
        (frame,) = done["result"]["artifacts"]
        assert abs(frame["width_px"] / frame["height_px"] - 2.39) < 0.02
        assert abs(frame["width_px"] * frame["height_px"] / 512**2 - 1) < 0.02


async def test_a_picture_from_outside_is_taken_in_and_moved(service: Service) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (300, 200), (200, 80, 40)).save(picture, "WEBP")
    async with service.http() as http, service.socket() as socket:
        answer = await http.post("/api/v1/projects/film/uploads", files={"file": ("still.bin", picture.getvalue())})
        assert answer.status_code == 201, answer.text
        taken = answer.json()
        assert (taken["media_type"], taken["width_px"], taken["height_px"]) == ("image/webp", 300, 200)
        assert (await http.get(taken["url"])).content == picture.getvalue()
        done = await socket.ending(
            await socket.start({"source_image": taken["path"], "duration_s": 0.5}, task_type="image_to_video")
        )
        shot = done["result"]["artifacts"][0]
        assert abs(shot["width_px"] / shot["height_px"] - 1.5) < 0.02


async def test_the_request_id_of_the_socket_is_on_the_handlers_log_lines(service: Service) -> None:
    async with service.socket(additional_headers={"X-Request-ID": "night-shoot-7"}) as socket:
        assert socket.connection.response is not None
        assert socket.connection.response.headers["X-Request-ID"] == "night-shoot-7"
        task_id = await socket.start(TINY)
        await socket.ending(task_id)
    rendering = [line for line in service.log_lines if line["event"] == "rendering a frame"]
    assert [(line["request_id"], line["task_id"]) for line in rendering] == [("night-shoot-7", task_id)]
