"""Who stops a trial early, against which earlier trials, and why."""
