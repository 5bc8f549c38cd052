"""What is doubtful in a source: coded findings, each with its evidence and what to do."""
