"""Trials on an existing Dask cluster."""
