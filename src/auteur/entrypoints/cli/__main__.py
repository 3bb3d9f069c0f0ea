"""``python -m auteur.entrypoints.cli``: the command line without the short way to the probe."""

from auteur.entrypoints.cli import main

if __name__ == "__main__":
    main()
