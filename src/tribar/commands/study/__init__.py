"""`tribar study` and `tribar explain`: `app` takes the options, a file beside it does the work."""
