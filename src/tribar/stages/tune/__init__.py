"""tune: the Optuna study, its best parameters and its history."""
