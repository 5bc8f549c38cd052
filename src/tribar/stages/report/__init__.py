"""report: the results as one page and as a model card."""
