"""tribar inspect: what a source is understood as, what is doubtful in it, what to write."""
