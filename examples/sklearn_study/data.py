"""Writes scikit-learn's breast cancer table, so that the study depends on a file of data."""

from pathlib import Path

from sklearn.datasets import load_breast_cancer

if __name__ == "__main__":
    load_breast_cancer(as_frame=True).frame.to_csv(
        Path(__file__).with_name("data.csv"), index=False
    )
