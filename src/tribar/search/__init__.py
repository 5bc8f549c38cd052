"""What is tried next: the space, its checks, and the samplers that propose from it."""
