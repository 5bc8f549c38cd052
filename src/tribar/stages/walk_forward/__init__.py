"""walk-forward: the whole procedure, repeated at origins with what lies before each."""
