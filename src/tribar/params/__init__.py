"""The parameters: their types, and the only reader of params.yaml."""
