"""The prepared split: what every stage after prepare sees, whatever the source was."""
