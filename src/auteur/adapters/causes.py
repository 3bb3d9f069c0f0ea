"""Why a disk or a file cannot be used, in the words of health and log."""

import errno
import sqlite3

from auteur.domain.errors import Cause

DISK_FULL = Cause("disk_full", "disk full")
READ_ONLY = Cause("read_only", "read-only")
MISSING = Cause("missing", "missing")
LOCKED = Cause("locked", "locked by another process")
DAMAGED = Cause("damaged", "damaged")
NO_PERMISSION = Cause("no_permission", "no permission to write")
DISK_ERROR = Cause("disk_error", "the disk fails")
IN_THE_WAY = Cause("in_the_way", "a file where a directory should be, or the reverse")
NAME_TOO_LONG = Cause("name_too_long", "its path is too long")

_BY_ERRNO = {
    errno.ENOSPC: DISK_FULL,
    errno.EDQUOT: DISK_FULL,
    errno.EFBIG: DISK_FULL,
    errno.EROFS: READ_ONLY,
    errno.EACCES: NO_PERMISSION,
    errno.EPERM: NO_PERMISSION,
    errno.ENOENT: MISSING,
    errno.ESTALE: MISSING,
    errno.ENOTDIR: IN_THE_WAY,
    errno.EEXIST: IN_THE_WAY,
    errno.EISDIR: IN_THE_WAY,
    errno.ENAMETOOLONG: NAME_TOO_LONG,
}
_BY_SQLITE_NAME = (
    ("SQLITE_FULL", DISK_FULL),
    ("SQLITE_READONLY_DBMOVED", MISSING),
    ("SQLITE_READONLY", READ_ONLY),
    ("SQLITE_BUSY", LOCKED),
    ("SQLITE_LOCKED", LOCKED),
    ("SQLITE_CANTOPEN", Cause("cannot_open", "cannot be opened: missing, or no permission")),
    ("SQLITE_CORRUPT", DAMAGED),
    ("SQLITE_NOTADB", DAMAGED),
)


def cause_of(error: sqlite3.Error | OSError) -> Cause:
    """The cause behind an error of the file system or of SQLite."""
    if isinstance(error, OSError):
        return _BY_ERRNO.get(error.errno or 0, DISK_ERROR)
    name = getattr(error, "sqlite_errorname", "")
    return next((cause for begins, cause in _BY_SQLITE_NAME if name.startswith(begins)), DISK_ERROR)
