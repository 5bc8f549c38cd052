"""What predictions are and how they score. Knows labels and probabilities, no model."""
