"""A project's log as clients receive it: the feed, and the sessions that carry it."""
