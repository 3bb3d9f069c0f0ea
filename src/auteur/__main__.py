"""The command ``auteur``, and ``python -m auteur``."""

import sys


def main() -> None:
    """Runs the command line; the probe alone without it, because that is asked every few seconds."""
    if sys.argv[1:2] == ["health"]:
        from auteur.entrypoints import probe

        sys.exit(probe.main(sys.argv[2:]))
    from auteur.entrypoints import cli

    cli.main()


if __name__ == "__main__":
    main()
