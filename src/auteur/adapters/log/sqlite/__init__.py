"""The embedded default: log and records in one file, safe after ``kill -9``, nothing to install."""
