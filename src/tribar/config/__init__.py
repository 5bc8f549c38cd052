"""params.yaml as typed parameters: composes the packages' blocks, reads, tells what is wrong."""
