"""The study: suggestions, pruning, journal and tables. Knows Optuna and trials."""
