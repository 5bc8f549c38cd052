"""promote: the model that the results speak for becomes the champion of the registry."""
