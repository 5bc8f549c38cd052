"""Overfitting by choice: how much of a study's best trial may be the luck of having many."""
