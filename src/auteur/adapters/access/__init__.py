"""`AccessStore`: tokens, sessions and tickets, in memory, in a file of their own, or on Redis."""
