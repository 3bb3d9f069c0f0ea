"""Pictures and films that strangers made, decoded in child processes that may take so much of the machine, no more."""
