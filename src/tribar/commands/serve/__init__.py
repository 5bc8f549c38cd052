"""serve: forecasts over HTTP, from raw bars."""
