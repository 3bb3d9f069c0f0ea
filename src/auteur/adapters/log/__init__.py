"""The project's log and its records: `ProgressBus` and `StateStore` in memory, SQLite and Redis."""
