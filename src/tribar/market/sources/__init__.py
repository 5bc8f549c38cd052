"""A user's files become checked tables: bars, or decisions that are labelled already."""
