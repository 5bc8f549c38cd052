"""What is kept and told of studies: identity, explanations, exports, the live view."""
