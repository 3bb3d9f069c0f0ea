"""The jobs behind the hand-over's task types, run in an engine process: what each writes, of one cut."""

import json
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from auteur.adapters.engines.editorial import edl, fcpxml, gltf, lists, usd
from auteur.adapters.engines.editorial.cut import Cut, CutShot, make_cut
from auteur.adapters.engines.editorial.plans import plan_of
from auteur.adapters.engines.editorial.takes import read_take
from auteur.adapters.engines.editorial.timecode import frames_of
from auteur.adapters.engines.plan import as_picture, as_svg
from auteur.domain.continuity import Finding, StagedShot, check, staged_shot
from auteur.domain.errors import HandlerError

Report = Callable[[Mapping[str, Any]], None]
PLAN_PX = (800, 600)


def make(arguments: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """Makes what a task type asks for.

    ``arguments``: ``task_type``, ``params`` (effective), ``takes`` (one a shot, see `read_take`), ``track`` (path
    of the scratch track or None), ``directory``, ``suffix`` (what names of drafts end in). Returns ``files``, each as a
    `Draft`, ``metrics`` and ``understood``.
    """
    started = time.process_time()
    report({"progress": 0.0, "stage": "reading", "message": "Reading the takes"})
    cut = make_cut(arguments["params"], [read_take(take) for take in arguments["takes"]])
    desk = _Desk(cut, arguments, report)
    _MAKE[arguments["task_type"]](desk)
    report({"progress": 0.99, "stage": "writing", "message": "Writing the files"})
    metrics = {"shots": len(cut.shots), "frames": cut.frames, "cpu_s": round(time.process_time() - started, 3)}
    return {"files": desk.files, "metrics": metrics, "understood": desk.understood}


class _Desk:
    """One task's cut, and the files that are made of it."""

    def __init__(self, cut: Cut, arguments: Mapping[str, Any], report: Report) -> None:
        self.cut = cut
        self.arguments = arguments
        self.params: Mapping[str, Any] = arguments["params"]
        self.report = report
        self.files: list[dict[str, Any]] = []
        self.understood: dict[str, Any] = {
            "rate": f"{cut.rate.numerator}/{cut.rate.denominator}", "frames": cut.frames, "shots": len(cut.shots),
        }  # fmt: skip

    def file(self, name: str, media_type: str, kind: str = "file", **about: Any) -> Path:
        """Where a file is to be written; it is among the results from now on."""
        self.files.append({"name": name, "kind": kind, "media_type": media_type, **about})
        return Path(self.arguments["directory"]) / f"{name}{self.arguments['suffix']}"

    def board(self) -> None:
        from auteur.adapters.engines.editorial.board import write_board

        findings = continuity_of(self.cut) if self.params["continuity"] else []
        path = self.file("board.pdf", "application/pdf")
        self.understood |= write_board(self.cut, findings, self.params, path, self.report)
        if self.params["continuity"]:
            self.understood["continuity"] = [finding.as_data() for finding in findings]

    def contact_sheet(self) -> None:
        from auteur.adapters.engines.editorial.contact import write_sheet

        path = self.file("contact-sheet.png", "image/png", "image")
        width_px, height_px = write_sheet(self.cut, self.params, path, self.report)
        self.files[-1] |= {"width_px": width_px, "height_px": height_px}

    def shot_list(self) -> None:
        for name, head, rows in (
            ("shot-list.csv", lists.SHOT_LIST, lists.shot_list(self.cut)),
            ("camera-report.csv", lists.CAMERA_REPORT, lists.camera_report(self.cut)),
        ):
            self.file(name, "text/csv", "data").write_bytes(lists.as_csv(head, rows))

    def animatic(self) -> None:
        from auteur.adapters.engines.editorial.joined import join

        files, _, understood = join(self.cut, self.arguments, self.report)
        self.files += files
        self.understood |= understood

    def cut_lists(self) -> None:
        from auteur.adapters.engines.editorial import timeline

        params, formats, start = self.params, self.params["formats"], self.params["start"]
        given = {"start_frame": frames_of(start, self.cut.rate), "media_base": params["media_base"]}
        drop, track = ";" in start, params.get("track")
        if "otio" in formats:
            built = timeline.build(self.cut, track=track, **given)
            timeline.write(built, self.file("cut.otio", "application/json", "data"))
        if "edl" in formats:
            text = edl.write(self.cut, drop=drop, **given)
            self.file("cut.edl", "text/plain", "data").write_text(text, encoding="utf-8", newline="\r\n")
        if "fcpxml" in formats:
            text = fcpxml.write(self.cut, drop=drop, track=track, size=self._size(), **given)
            self.file("cut.fcpxml", "application/xml", "data").write_text(text, encoding="utf-8")
        if "xmeml" in formats:
            built = timeline.build(self.cut, track=track, **given)
            timeline.write_xmeml(built, self.file("cut.xml", "application/xml", "data"))

    def _size(self) -> tuple[int, int]:
        takes = [shot.take for shot in self.cut.shots if shot.take.width_px]
        return (takes[0].width_px, takes[0].height_px) if takes else (1920, 1080)

    def cameras(self) -> None:
        without = []
        for shot in self._each():
            camera, stem = shot.take.camera, shot.stem
            if camera is None:
                without.append(shot.name)
                continue
            if "usda" in self.params["formats"]:
                text = usd.write(_identifier(stem), shot.name, camera, shot.frames, self.cut.rate)
                self.file(f"{stem}.usda", "model/vnd.usda", "data").write_text(text, encoding="utf-8")
            if "glb" in self.params["formats"]:
                data = gltf.write(stem, camera, shot.frames, self.cut.rate)
                self.file(f"{stem}.glb", "model/gltf-binary", "data").write_bytes(data)
        self._say_without("camera", without)

    def keyframes(self) -> None:
        from auteur.adapters.engines.editorial.packs import write_pack

        warnings = {}
        for shot in self._each():
            path = self.file(f"{shot.stem}.zip", "application/zip")
            if found := write_pack(self.cut, shot, self.params.get("model"), path):
                warnings[shot.name] = found
        self.understood["warnings"] = warnings

    def plans(self) -> None:
        without = []
        for shot in self._each():
            plan = plan_of(shot, *PLAN_PX)
            if plan is None:
                without.append(shot.name)
                continue
            if "png" in self.params["formats"]:
                path = self.file(
                    f"{shot.stem}-plan.png", "image/png", "image", width_px=plan.width, height_px=plan.height
                )
                as_picture(plan).save(path, "PNG")
            if "svg" in self.params["formats"]:
                self.file(f"{shot.stem}-plan.svg", "image/svg+xml", "control").write_text(
                    as_svg(plan), encoding="utf-8"
                )
        self._say_without("plan", without)

    def continuity(self) -> None:
        findings = [finding.as_data() for finding in continuity_of(self.cut)]
        unchecked = [shot.name for shot in self.cut.shots if staged(shot) is None]
        told = {"findings": findings, "not_checked": unchecked}
        text = json.dumps(told, ensure_ascii=False, indent=1)
        self.file("continuity.json", "application/json", "data").write_text(text, encoding="utf-8")
        self.understood |= {"continuity": findings, "not_checked": unchecked}

    def _each(self) -> Any:
        for done, shot in enumerate(self.cut.shots):
            said = {"stage": "writing", "message": f"Shot {shot.name}"}
            self.report({"progress": 0.95 * done / len(self.cut.shots), **said})
            yield shot

    def _say_without(self, what: str, names: list[str]) -> None:
        if len(names) == len(self.cut.shots):
            raise HandlerError(f"None of the takes says where its camera was, so there is no {what} to write.")
        self.understood[f"without_{what}"] = names


def continuity_of(cut: Cut) -> list[Finding]:
    """What geometry finds between the shots of each scene of the cut."""
    return check([found for found in map(staged, cut.shots) if found is not None])


def staged(shot: CutShot) -> StagedShot | None:
    """The shot as continuity is checked; None where its take says nothing of a camera, or the shot belongs to no
    scene."""
    about, camera = shot.shot, shot.take.camera
    end = list(camera.samples[-1].position_m) if camera is not None and len(camera.samples) > 1 else None
    scene = about.get("scene") or about.get("heading") or about.get("set_name")
    return staged_shot(shot.name, scene, shot.take.understood, end)


def _identifier(stem: str) -> str:
    """A name as USD takes it for a prim: ASCII letters, digits and underscores, no digit first."""
    return "Camera_" + re.sub(r"[^A-Za-z0-9_]", "_", stem)


_MAKE: Mapping[str, Callable[[_Desk], None]] = {
    "film_board": _Desk.board,
    "film_contact_sheet": _Desk.contact_sheet,
    "film_shot_list": _Desk.shot_list,
    "film_animatic": _Desk.animatic,
    "film_cut": _Desk.cut_lists,
    "film_cameras": _Desk.cameras,
    "film_keyframes": _Desk.keyframes,
    "film_plans": _Desk.plans,
    "film_continuity": _Desk.continuity,
}
