"""train-best: the best parameters trained again, on several seeds and on purged folds."""
