"""evaluate: the two models and the references on the test split."""
