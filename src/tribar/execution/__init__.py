"""Where trials and trainings run, and whether there is room: decides no byte of a result."""
