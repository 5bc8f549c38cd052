"""The study: suggestions, pruning, journal and tables. Knows Optuna and trials."""

import optuna

optuna.logging.set_verbosity(optuna.logging.WARNING)
