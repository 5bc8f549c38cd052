"""Measurements that anyone can rerun: `make bench`."""

from tribar import runtime

runtime.pin()
