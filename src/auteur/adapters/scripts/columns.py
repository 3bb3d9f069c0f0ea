"""Under which names the columns of shot lists stand."""

import re

_SPELLINGS = {
    "scene": "scene, scene no, scene number, sc, scn, scene #, szene, scène, escena, cena, scena, シーン, 场, 场次",
    "shot": "shot, shot no, shot number, shot #, shot id, setup, no, nr, #, number, id, einstellung, einst, plan, "
    "plano, inquadratura, カット, カットno, 镜号, 镜头",
    "size": "size, shot size, framing, frame, field size, shot type, type, größe, einstellungsgröße, valeur, "
    "valeur de plan, tamaño, tamanho, サイズ, 景别",
    "angle": "angle, camera angle, angulation, cam angle, perspective, perspektive, winkel, ángulo, ângulo, アングル, "
    "角度",
    "move": "move, movement, camera movement, camera move, cam movement, motion, bewegung, kamerabewegung, "
    "mouvement, movimiento, movimento, カメラワーク, 运动, 运镜",
    "lens": "lens, focal length, focal, mm, lens mm, objektiv, brennweite, objectif, focale, lente, óptica, レンズ, "
    "镜头焦距",
    "action": "description, action, shot description, subject, desc, visual, picture, what, content, image, prompt, "
    "beschreibung, handlung, bild, inhalt, descripción, descrição, descrizione, azione, acción, ação, 内容, "
    "画面, 描述",
    "dialogue": "dialogue, dialog, speech, lines, text, line, audio, dialogues, diálogo, dialogo, セリフ, 台词, 对白",
    "duration": "duration, length, est duration, estimated duration, secs, seconds, sec, dur, runtime, trt, frames, "
    "dauer, länge, durée, duración, duração, durata, 秒数, 尺, 时长",
    "time": "time, time of day, day/night, d/n, dn, tageszeit, moment, zeit, momento, 時間, 时间",
    "int_ext": "int/ext, i/e, int ext, ie, interior/exterior, innen/außen, innen/aussen, intérieur/extérieur, 内外",
    "set": "location, set, place, loc, motiv, drehort, ort, décor, lieu, locación, localización, local, luogo, "
    "場所, 场景, 地点",
    "cast": "cast, characters, character, people, who, actors, actor, talent, figuren, personen, personnages, "
    "personajes, personagens, personaggi, 人物, 登場人物, 角色",
    "notes": "notes, note, remarks, comments, comment, remark, notizen, bemerkung, bemerkungen, notas, remarques, "
    "note di regia, 備考, 备注",
}  # fmt: skip
KNOWN = tuple(_SPELLINGS)
_BESIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|[:.*]")


def _plain(title: str) -> str:
    return " ".join(_BESIDE.sub(" ", title.lower().replace("_", " ")).split())


_COLUMNS = {_plain(spelling): column for column, said in _SPELLINGS.items() for spelling in said.split(", ")}


def column_of(title: str) -> str | None:
    """The column that a title means; None for one that is not known."""
    return _COLUMNS.get(_plain(title)[:60])
