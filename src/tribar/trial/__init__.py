"""One trial: its objective, its networks, its pruner, and what it leaves on disk while it runs."""
