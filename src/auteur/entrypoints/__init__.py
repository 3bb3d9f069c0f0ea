"""The doors: settings, composition, FastAPI, the command line. The only place that knows which adapter is used."""
