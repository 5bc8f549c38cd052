"""Where trials and trainings run, and whether they fit into memory: decides no byte of a result."""
