"""One file or folder a stage: it reads parameters and files, calls, and writes files."""
