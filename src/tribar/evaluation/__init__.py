"""Evaluation: what predictions are worth. Knows labels and probabilities, no tensor, no path."""
