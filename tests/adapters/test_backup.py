"""A backup is whole or refused, whatever is done to the file; and what is restored leads nowhere else."""

import hashlib
import io
import json
import os
import random
import shutil
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from auteur.adapters.backup.recording import BackedUp, CannotBackUpError, Source, back_up
from auteur.adapters.backup.restoring import CannotRestoreError, check_is_empty, restore
from auteur.adapters.backup.tape import UnusableBackupError
from tests.places import files_in

LONG_NAME = "n" * 200
CONTENTS = {
    "film/a/1/frame.png": b"frame" * 1000,
    "film/a/1/take.json": b"{}",
    "film/uploads/b.png": b"",
    f"film/{LONG_NAME}/1/frame.png": b"long",
    "film/köln/1/\udcff.png": b"no text",
}


@dataclass(frozen=True)
class Row:
    path: str
    size_bytes: int
    sha256: str


class Place:
    """A workspace with a log of its own: a table of the files that its records name."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.private = root / ".auteur"
        self.log = self.private / "auteur.db"
        self.looks = 0
        self.before_look: Callable[[int], None] = lambda look: None
        self.private.mkdir(parents=True)
        with closing(sqlite3.connect(self.log)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("CREATE TABLE named (path TEXT PRIMARY KEY, size_bytes INTEGER, sha256 TEXT)")

    def write(self, path: str, content: bytes, *, named: bool = True) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        if named:
            self.say("INSERT INTO named VALUES (?, ?, ?)", path, len(content), hashlib.sha256(content).hexdigest())

    def delete(self, path: str) -> None:
        """As the service does: the event first, the file after it."""
        self.say("DELETE FROM named WHERE path = ?", path)
        (self.root / path).unlink()

    def say(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.log)) as connection, connection:
            connection.execute(statement, values)

    def named(self, log: Path) -> Iterator[Row]:
        with closing(sqlite3.connect(log)) as connection:
            rows = [Row(*row) for row in connection.execute("SELECT * FROM named ORDER BY path")]
        self.looks += 1
        self.before_look(self.looks)
        yield from rows

    def back_up(self, target: Path, on_file: Callable[[int], None] = lambda size_bytes: None) -> BackedUp:
        given = Source(workspace=self.root, private=self.private, log=self.log, named=self.named, version="1.2")
        return back_up(given, target, on_file)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path / "workspace")
    for path, content in CONTENTS.items():
        made.write(path, content, named="\udcff" not in path)
    return made


@pytest.fixture
def backup(place: Place, tmp_path: Path) -> Path:
    place.back_up(tmp_path / "backup.tar")
    return tmp_path / "backup.tar"


def restored(backup: Path, root: Path) -> Place:
    (root / ".auteur").mkdir(parents=True)
    restore(backup, root, root / ".auteur", lambda database: None)
    there = object.__new__(Place)
    there.root, there.private, there.log, there.looks = root, root / ".auteur", root / ".auteur" / "auteur.db", 0
    there.before_look = lambda look: None
    return there


def contents(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".auteur" not in path.parts
    }


def test_all_that_was_there_is_there_again(place: Place, backup: Path, tmp_path: Path) -> None:
    again = restored(backup, tmp_path / "elsewhere")
    assert contents(again.root) == CONTENTS
    assert list(again.named(again.log)) == list(place.named(place.log))
    assert os.stat(backup).st_mode & 0o777 == 0o600, "it holds what the databases hold"
    assert not list(tmp_path.glob(".backup*")), "nothing is left beside it"


def test_any_tar_can_read_it(backup: Path) -> None:
    with tarfile.open(backup) as tape:
        names = set(tape.getnames())
    assert {f"files/{path}" for path in CONTENTS} | {"private/auteur.db", "manifest.jsonl", "seal.json"} == names


def test_what_is_hidden_unfinished_or_behind_a_link_is_no_part_of_it(place: Place, tmp_path: Path) -> None:
    place.write("film/a/1/.frame.png.256.webp", b"thumbnail", named=False)
    place.write("film/a/2/frame.png.partial", b"half", named=False)
    (tmp_path / "secret").write_text("secret")
    (place.root / "film" / "link.png").symlink_to(tmp_path / "secret")
    os.mkfifo(place.root / "film" / "pipe.png")
    (tmp_path / "large" / "a" / "1").mkdir(parents=True)
    (tmp_path / "large" / "a" / "1" / "frame.png").write_bytes(b"on another disk")
    (place.root / "series").symlink_to(tmp_path / "large")
    place.back_up(tmp_path / "backup.tar")
    assert contents(restored(tmp_path / "backup.tar", tmp_path / "elsewhere").root) == {
        **CONTENTS,
        "series/a/1/frame.png": b"on another disk",
    }


def test_what_is_deleted_and_made_meanwhile_leaves_it_consistent(place: Place, tmp_path: Path) -> None:
    """While the first file is read, all tasks go and one comes; while the records are looked at, that one goes too."""
    read: list[int] = []

    def while_files_are_read(size_bytes: int) -> None:
        read.append(size_bytes)
        if len(read) == 1:
            for row in list(place.named(place.log)):
                place.delete(row.path)
            place.looks = 0
            place.write("film/c/1/frame.png", b"new")

    def while_records_are_looked_at(look: int) -> None:
        if look == 2:
            place.delete("film/c/1/frame.png")
            place.write("film/e/1/frame.png", b"newer")

    place.before_look = while_records_are_looked_at
    made = place.back_up(tmp_path / "backup.tar", while_files_are_read)
    assert made.missing_count == 0
    assert made.looks in (2, 3), "whether the new one was read before it went"
    again = restored(tmp_path / "backup.tar", tmp_path / "elsewhere")
    there = contents(again.root)
    named = {row.path: row.sha256 for row in again.named(again.log)}
    assert set(named) == ({"film/c/1/frame.png"} if made.looks == 2 else {"film/e/1/frame.png"})
    for path, sha256 in named.items():
        assert hashlib.sha256(there[path]).hexdigest() == sha256
    assert not there.keys() & CONTENTS.keys() - {"film/köln/1/\udcff.png"}, "what was deleted does not come back"


def test_what_was_read_before_it_was_deleted_comes_back_neither_as_a_file_nor_as_a_folder(
    place: Place, tmp_path: Path
) -> None:
    """Two are deleted once both were read; a third is made and deleted, so that a newer snapshot is taken."""
    place.write("film/x/1/frame.png", b"read, then deleted")
    place.write("film/y/1/frame.png", b"read, then deleted with its folder")
    place.write("film/z/1/frame.png", b"named in the first snapshot alone")

    def while_files_are_read(size_bytes: int) -> None:
        if (place.root / "film/z/1/frame.png").exists():
            place.delete("film/z/1/frame.png")

    def while_records_are_looked_at(look: int) -> None:
        if look == 1:
            place.delete("film/x/1/frame.png")
            place.delete("film/y/1/frame.png")
            shutil.rmtree(place.root / "film/y")

    place.before_look = while_records_are_looked_at
    made = place.back_up(tmp_path / "backup.tar", while_files_are_read)
    again = restored(tmp_path / "backup.tar", tmp_path / "elsewhere")
    assert (made.looks, made.missing_count) == (2, 0)
    assert contents(again.root) == CONTENTS
    folders = {path.name for path in (again.root / "film").iterdir()}
    assert folders == {path.split("/")[1] for path in CONTENTS if path.startswith("film/")}


def test_a_file_that_is_missing_for_good_is_named_and_the_rest_is_kept(place: Place, tmp_path: Path) -> None:
    (place.root / "film/a/1/frame.png").unlink()
    (place.root / "film/a/1/take.json").write_bytes(b"[]")
    made = place.back_up(tmp_path / "backup.tar")
    assert made.missing == ["film/a/1/frame.png", "film/a/1/take.json"]
    again = contents(restored(tmp_path / "backup.tar", tmp_path / "elsewhere").root)
    assert again.keys() == CONTENTS.keys() - {"film/a/1/frame.png"}


def test_a_named_file_that_is_a_link_within_its_project_is_there_as_the_service_shows_it(
    place: Place, tmp_path: Path
) -> None:
    file = place.root / "film/a/1/frame.png"
    file.rename(file.with_name("first.png"))
    file.symlink_to("first.png")
    assert place.back_up(tmp_path / "backup.tar").missing == []
    root = restored(tmp_path / "backup.tar", tmp_path / "again").root
    assert (root / "film/a/1/frame.png").read_bytes() == CONTENTS["film/a/1/frame.png"]


@pytest.mark.parametrize("kind", ["a link", "a link to itself", "a link to its folder", "a pipe", "a folder"])
def test_what_has_taken_the_place_of_a_named_file_is_not_read(place: Place, tmp_path: Path, kind: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "frame.png").write_bytes(b"a secret")
    file = place.root / "film/a/1/frame.png"
    file.unlink()
    if kind == "a link":
        file.symlink_to(elsewhere / "frame.png")
    elif kind == "a link to itself":
        file.symlink_to(file)
    elif kind == "a link to its folder":
        (file.parent / "take.json").unlink()
        file.parent.rmdir()
        file.parent.symlink_to(elsewhere)
    elif kind == "a pipe":
        os.mkfifo(file)
    else:
        file.mkdir()
    report = place.back_up(tmp_path / "backup.tar")
    assert "film/a/1/frame.png" in report.missing
    assert b"a secret" not in (tmp_path / "backup.tar").read_bytes()


def test_every_private_database_is_in_it_as_it_stands_while_it_is_written(place: Place, tmp_path: Path) -> None:
    with closing(sqlite3.connect(place.private / "access.db")) as writing:
        writing.execute("PRAGMA journal_mode = WAL")
        writing.execute("CREATE TABLE tokens (hash TEXT)")
        writing.execute("INSERT INTO tokens VALUES ('abc')")
        writing.commit()
        writing.execute("BEGIN IMMEDIATE")
        writing.execute("INSERT INTO tokens VALUES ('not committed')")
        place.back_up(tmp_path / "backup.tar")
        writing.rollback()
    again = restored(tmp_path / "backup.tar", tmp_path / "elsewhere")
    with closing(sqlite3.connect(again.private / "access.db")) as read:
        assert read.execute("SELECT hash FROM tokens").fetchall() == [("abc",)]


def test_a_damaged_database_is_no_backup(place: Place, tmp_path: Path) -> None:
    (place.private / "access.db").write_bytes(b"SQLite format 3\0" + b"\1" * 8192)
    with pytest.raises(CannotBackUpError, match=r"access\.db cannot be read"):
        place.back_up(tmp_path / "backup.tar")
    assert not (tmp_path / "backup.tar").exists()


def test_nothing_takes_the_place_of_another_file_or_lies_in_the_workspace(place: Place, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")
    for target in (tmp_path / "there", place.root / "backup.tar", place.private / "backup.tar"):
        with pytest.raises(CannotBackUpError):
            place.back_up(target)
    assert (tmp_path / "there").read_text() == "mine"
    assert contents(place.root) == CONTENTS


# --- what is done to the file --------------------------------------------------------------------------------------


def refused(backup: Path, root: Path) -> str:
    """In what words it is refused; nothing is left of it."""
    (root / ".auteur").mkdir(parents=True, exist_ok=True)
    with pytest.raises(UnusableBackupError) as error:
        restore(backup, root, root / ".auteur", lambda database: None)
    assert files_in(root) == []
    check_is_empty(root, root / ".auteur")
    return str(error.value)


def test_one_that_is_cut_off_anywhere_is_refused(backup: Path, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    cut = tmp_path / "cut.tar"
    places = [0, 1, 511, 512, 513, len(whole) - 1, len(whole) - 512, len(whole) - 1024, len(whole) - 1536]
    for size in {*places, *(random.Random(1).randrange(len(whole)) for _ in range(40))}:
        cut.write_bytes(whole[:size])
        assert refused(cut, tmp_path / "elsewhere")


def test_one_in_which_a_bit_has_changed_is_refused_or_restored_as_it_was(backup: Path, tmp_path: Path) -> None:
    """A bit of a header that says nothing of a file, as its owner's name, may change."""
    whole, chance = backup.read_bytes(), random.Random(2)
    altered = tmp_path / "altered.tar"
    times_refused = 0
    for number in range(120):
        body = bytearray(whole)
        body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        altered.write_bytes(body)
        root = tmp_path / f"elsewhere-{number}"
        (root / ".auteur").mkdir(parents=True)
        try:
            restore(altered, root, root / ".auteur", lambda database: None)
        except UnusableBackupError:
            times_refused += 1
            assert files_in(root) == []
        else:
            assert contents(root) == CONTENTS
    assert times_refused > 100


def test_a_file_that_was_exchanged_or_taken_out_or_put_in_is_refused(backup: Path, tmp_path: Path) -> None:
    def rewritten(change: Callable[[str, bytes], list[tuple[str, bytes]]]) -> Path:
        target = tmp_path / "rewritten.tar"
        with tarfile.open(backup) as read, tarfile.open(target, "w", format=tarfile.GNU_FORMAT) as written:
            for member in read:
                file = read.extractfile(member)
                assert file is not None
                for name, content in change(member.name, file.read()):
                    info = tarfile.TarInfo(name)
                    info.size = len(content)
                    written.addfile(info, io.BytesIO(content))
        body = target.read_bytes()  # tarfile pads to 10 kB
        end = max(place for place in range(0, len(body), 512) if any(body[place : place + 512])) + 512
        target.write_bytes(body[:end] + bytes(1024))
        return target

    untouched = restored(rewritten(lambda name, content: [(name, content)]), tmp_path / "untouched")
    assert contents(untouched.root) == CONTENTS
    frame = "files/film/a/1/frame.png"
    root = tmp_path / "elsewhere"
    said = refused(rewritten(lambda name, content: [(name, b"x" * len(content) if name == frame else content)]), root)
    assert "not as it was" in said
    assert frame in said
    said = refused(rewritten(lambda name, content: [] if name == frame else [(name, content)]), root)
    assert "missing" in said
    for name in ("seal.json", "manifest.jsonl"):
        assert refused(rewritten(lambda given, content, name=name: [] if given == name else [(given, content)]), root)
    assert "list of files" in refused(
        rewritten(
            lambda name, content: [(name, content.replace(b"a/1", b"b/1", 1) if "manifest" in name else content)]
        ),
        root,
    )
    both = rewritten(lambda name, content: [(name, content), *([("files/x", b"")] if name == "seal.json" else [])])
    assert "follows its end" in refused(both, root)


def hostile(tmp_path: Path, *members: tarfile.TarInfo, format: int = tarfile.GNU_FORMAT) -> Path:
    path = tmp_path / "hostile.tar"
    with path.open("wb") as out:
        for member in members:
            out.write(member.tobuf(format, "utf-8", "surrogateescape"))
        out.write(bytes(1024))
    return path


def info(name: str, type_: bytes = tarfile.REGTYPE, *, size: int = 0, linkname: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.size, made.linkname = type_, size, linkname
    return made


HOSTILE = {
    "absolute": info("/etc/x"),
    "above": info("files/../../x"),
    "above, at once": info("../x"),
    "twice a slash": info("files//x"),
    "a dot": info("files/./x"),
    "backslash": info("files\\x"),
    "a line": info("files/a\nb"),
    "hidden": info("files/.auteur/auteur.db"),
    "hidden inside": info("files/film/.ssh/x"),
    "another room": info("etc/x"),
    "a room itself": info("files"),
    "the lock": info("private/lock"),
    "the staging itself": info("ledger"),
    "a symbolic link": info("files/x", tarfile.SYMTYPE, linkname="/etc/passwd"),
    "a hard link": info("files/x", tarfile.LNKTYPE, linkname="/etc/passwd"),
    "a device": info("files/x", tarfile.CHRTYPE),
    "a block device": info("files/x", tarfile.BLKTYPE),
    "a pipe": info("files/x", tarfile.FIFOTYPE),
    "a directory": info("files/x", tarfile.DIRTYPE),
    "sparse": info("files/x", tarfile.GNUTYPE_SPARSE),
    "a name for a link": info("x", tarfile.GNUTYPE_LONGLINK, size=10),
    "extended headers": info("x", tarfile.XHDTYPE, size=1 << 33),
    "global headers": info("x", tarfile.XGLTYPE, size=10),
    "a huge size": info("files/x", size=1 << 60),
    "a huge name": info("x", tarfile.GNUTYPE_LONGNAME, size=1 << 40),
    "a part too long": info(f"files/{'n' * 300}"),
    "nothing": info(""),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_plain_file_below_its_place_is_refused(name: str, tmp_path: Path) -> None:
    assert refused(hostile(tmp_path, HOSTILE[name]), tmp_path / "elsewhere")
    assert {entry.name for entry in tmp_path.iterdir()} == {"hostile.tar", "elsewhere"}


def test_a_file_within_a_file_and_a_size_below_nothing_are_refused(tmp_path: Path) -> None:
    assert refused(hostile(tmp_path, info("files/x"), info("files/x/y")), tmp_path / "elsewhere")
    header = bytearray(info("files/x").tobuf(tarfile.GNU_FORMAT))
    header[124:136] = b"\xff" * 12  # minus one, in base 256
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    (tmp_path / "hostile.tar").write_bytes(bytes(header) + bytes(1024))
    assert refused(tmp_path / "hostile.tar", tmp_path / "elsewhere")


@pytest.mark.parametrize("manifest", [b"[" * 100_000, b"[]\n", b"{}\n", b'{"format": 99}\n', b"\xff\n", b""])
def test_a_list_that_is_none_is_refused(manifest: bytes, tmp_path: Path) -> None:
    path = tmp_path / "hostile.tar"
    seal = json.dumps({"manifest_sha256": hashlib.sha256(manifest).hexdigest()}).encode()
    with path.open("wb") as out:
        for name, content in (("manifest.jsonl", manifest), ("seal.json", seal)):
            out.write(info(name, size=len(content)).tobuf(tarfile.GNU_FORMAT) + content + bytes(-len(content) % 512))
        out.write(bytes(1024))
    assert refused(path, tmp_path / "elsewhere")


def test_a_pipe_or_a_folder_is_no_backup(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        assert refused(path, tmp_path / "elsewhere") == "it is no file"


def test_a_workspace_that_holds_anything_is_left_alone(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    private = root / ".auteur"
    check_is_empty(root, private)
    private.mkdir(parents=True)
    (root / "lost+found").mkdir()
    check_is_empty(root, private)
    for path in (root / "film", private / "auteur.db", private / "restoring"):
        path.mkdir()
        with pytest.raises(CannotRestoreError):
            check_is_empty(root, private)
        path.rmdir()
