"""``python -m auteur``: the command line."""

from auteur.entrypoints.cli import main

main()
