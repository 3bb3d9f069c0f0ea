"""Child processes, whatever they do: how they are started, and how what they say on the way reaches the log."""
