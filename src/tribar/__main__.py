"""`python -m tribar` is the `tribar` command."""

from tribar.cli import main

main()
