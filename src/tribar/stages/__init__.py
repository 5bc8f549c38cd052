"""One short file a stage: the only room that knows where files lie."""
