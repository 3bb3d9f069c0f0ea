"""The connection to Redis: below the log and the queue, who share it."""
