"""What is kept and shown of studies: identity, explanations, exports, the live view."""
