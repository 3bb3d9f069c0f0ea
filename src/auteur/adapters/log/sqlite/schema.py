"""The file's tables, and the machine's run that it is open in."""

import sqlite3
import uuid
from pathlib import Path

from auteur.adapters.log.sqlite.words import begin_words

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS projects (
    number INTEGER PRIMARY KEY, project_id TEXT NOT NULL UNIQUE, seq INTEGER NOT NULL,
    blocked INTEGER NOT NULL DEFAULT 0, queued INTEGER NOT NULL DEFAULT 0, running INTEGER NOT NULL DEFAULT 0,
    succeeded INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0, cancelled INTEGER NOT NULL DEFAULT 0,
    size_bytes INTEGER NOT NULL DEFAULT 0, active_at TEXT NOT NULL, deleted INTEGER NOT NULL DEFAULT 0,
    purged INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS projects_by_activity ON projects (active_at, project_id) WHERE NOT deleted;
CREATE INDEX IF NOT EXISTS projects_to_purge ON projects (number) WHERE deleted AND NOT purged;
CREATE TABLE IF NOT EXISTS events (
    project_id TEXT NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL, told TEXT, told_in TEXT,
    PRIMARY KEY (project_id, seq)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tasks (
    number INTEGER PRIMARY KEY, project_id TEXT NOT NULL, task_id TEXT NOT NULL, queued_seq INTEGER NOT NULL,
    status TEXT NOT NULL, task_type TEXT NOT NULL, quality TEXT NOT NULL, lane TEXT NOT NULL,
    shot TEXT, take INTEGER, favourite INTEGER NOT NULL DEFAULT 0, circled INTEGER NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 0, worker TEXT, handed_back INTEGER NOT NULL DEFAULT 0,
    cancel_requested INTEGER NOT NULL DEFAULT 0, progress REAL NOT NULL DEFAULT 0, stage TEXT, message TEXT,
    preview TEXT, queued_at TEXT NOT NULL, started_at TEXT, ended_at TEXT, size_bytes INTEGER NOT NULL DEFAULT 0,
    pictured INTEGER NOT NULL DEFAULT 0, metadata BLOB NOT NULL, request BLOB NOT NULL, result BLOB, failure BLOB,
    promoted_to TEXT NOT NULL DEFAULT '',
    UNIQUE (project_id, task_id)
);
CREATE INDEX IF NOT EXISTS tasks_by_acceptance ON tasks (project_id, queued_seq);
CREATE INDEX IF NOT EXISTS tasks_by_type ON tasks (project_id, task_type, queued_seq);
CREATE INDEX IF NOT EXISTS tasks_by_quality ON tasks (project_id, quality, queued_seq);
CREATE INDEX IF NOT EXISTS tasks_by_shot ON tasks (project_id, shot, take) WHERE shot IS NOT NULL;
CREATE INDEX IF NOT EXISTS circled ON tasks (project_id, shot) WHERE circled;
CREATE INDEX IF NOT EXISTS favourites ON tasks (project_id, queued_seq) WHERE favourite;
CREATE INDEX IF NOT EXISTS pictured ON tasks (project_id, queued_seq) WHERE pictured;
CREATE INDEX IF NOT EXISTS open_by_acceptance ON tasks (project_id, queued_seq, status)
    WHERE status IN ('blocked', 'queued', 'running');
CREATE INDEX IF NOT EXISTS ended_by_status ON tasks (project_id, status, queued_seq)
    WHERE status IN ('succeeded', 'failed', 'cancelled');
CREATE TABLE IF NOT EXISTS waits (
    project_id TEXT NOT NULL, origin TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (project_id, origin, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS waits_of_task ON waits (number);
CREATE INDEX IF NOT EXISTS removable ON tasks (project_id, queued_seq)
    WHERE ended_at IS NOT NULL AND NOT favourite AND NOT circled;
CREATE INDEX IF NOT EXISTS removable_by_age ON tasks (ended_at)
    WHERE ended_at IS NOT NULL AND NOT favourite AND NOT circled;
CREATE TABLE IF NOT EXISTS shots (
    project_id TEXT NOT NULL, shot TEXT NOT NULL, last_take INTEGER NOT NULL, PRIMARY KEY (project_id, shot)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tombstones (
    project_id TEXT NOT NULL, task_id TEXT NOT NULL, forgotten INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (project_id, task_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS webhooks (
    number INTEGER PRIMARY KEY, project_id TEXT NOT NULL, webhook_id TEXT NOT NULL, task_id TEXT NOT NULL DEFAULT '',
    endpoint TEXT NOT NULL, types TEXT NOT NULL, disabled TEXT, body BLOB NOT NULL, UNIQUE (project_id, webhook_id)
);
CREATE TABLE IF NOT EXISTS documents (
    project_id TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
    updated_at TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (project_id, kind, name)
);
CREATE INDEX IF NOT EXISTS webhooks_by_task ON webhooks (project_id, task_id);
CREATE TABLE IF NOT EXISTS endpoints (
    number INTEGER PRIMARY KEY, project_id TEXT NOT NULL, endpoint TEXT NOT NULL, failures INTEGER NOT NULL DEFAULT 0,
    rests_until INTEGER NOT NULL DEFAULT 0, look_at INTEGER NOT NULL, UNIQUE (project_id, endpoint)
);
CREATE INDEX IF NOT EXISTS endpoints_by_look ON endpoints (look_at, number);
CREATE TABLE IF NOT EXISTS deliveries (
    number INTEGER PRIMARY KEY, project_id TEXT NOT NULL, delivery_id TEXT NOT NULL, endpoint TEXT NOT NULL,
    webhook_id TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL, since INTEGER NOT NULL,
    due_at INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, leased INTEGER NOT NULL DEFAULT 0, died_at INTEGER,
    reason TEXT NOT NULL DEFAULT '', UNIQUE (project_id, delivery_id)
);
CREATE INDEX IF NOT EXISTS deliveries_by_due ON deliveries (project_id, endpoint, due_at, delivery_id)
    WHERE died_at IS NULL;
CREATE INDEX IF NOT EXISTS deliveries_leased ON deliveries (project_id, endpoint, due_at)
    WHERE died_at IS NULL AND leased;
CREATE INDEX IF NOT EXISTS deliveries_waiting ON deliveries (since) WHERE died_at IS NULL;
CREATE INDEX IF NOT EXISTS dead_letters ON deliveries (project_id, died_at, delivery_id) WHERE died_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS dead_letters_by_age ON deliveries (died_at) WHERE died_at IS NOT NULL;
CREATE VIRTUAL TABLE IF NOT EXISTS words
    USING fts5 (project, text, tokenize='unicode61 remove_diacritics 0', detail='column');
"""


def upgrade(connection: sqlite3.Connection) -> None:
    """Gives a file of before what `SCHEMA` alone cannot: there was nothing that waits for other tasks, or was made of
    another, and no texts."""
    connection.execute("BEGIN IMMEDIATE")
    columns = {name for _, name, *_ in connection.execute("PRAGMA table_info(projects)")}
    if "blocked" not in columns:
        connection.execute("ALTER TABLE projects ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0")
    if "promoted_to" not in {name for _, name, *_ in connection.execute("PRAGMA table_info(tasks)")}:
        connection.execute("ALTER TABLE tasks ADD COLUMN promoted_to TEXT NOT NULL DEFAULT ''")
    if "told" not in {name for _, name, *_ in connection.execute("PRAGMA table_info(events)")}:
        connection.execute("ALTER TABLE events ADD COLUMN told TEXT")  # as clients hear it, in that epoch
        connection.execute("ALTER TABLE events ADD COLUMN told_in TEXT")
    for replaced in ("tasks_open", "unended", "tasks_by_status"):  # by one for the open and one for the ended
        connection.execute(f"DROP INDEX IF EXISTS {replaced}")
    begin_words(connection)
    connection.execute("COMMIT")


def boot_id() -> str:
    """Names the machine's current run; unique, and so never the same again, where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return str(uuid.uuid4())
