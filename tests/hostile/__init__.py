"""Hostile inputs as data, one runner, one judge.

A module a kind (`framing`, `frames`, `images` …) lists `Entry` values: a name in words, the bytes, and what may come of
them. `runner` sends them to a real service while a bystander in a process of its own asks after its health;
`judge` says what is wrong. `test_catalogue` runs all once; `make hostile` each twenty times, on a fleet too.
"""
