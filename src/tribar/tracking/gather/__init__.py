"""What a pipeline run leaves for MLflow, read from the files of its stages; knows no MLflow."""
