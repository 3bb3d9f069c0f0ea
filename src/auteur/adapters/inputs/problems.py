"""What can be wrong with an input that a url names."""


class UnusableInputError(Exception):
    """The text says why, in words that follow the input's name and are fit for its user."""


UNREACHABLE = "cannot be fetched: no public host answers there"
"""Said of a name that is unknown, of an address that is refused and of one that is closed alike: who asks shall not
learn from it what there is inside the network."""
