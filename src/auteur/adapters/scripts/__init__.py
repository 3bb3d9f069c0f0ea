"""Readers of scripts: Fountain, Final Draft and shot lists, each into `auteur.domain.film.Script`."""
