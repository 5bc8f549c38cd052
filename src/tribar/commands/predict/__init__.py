"""predict: what a trained model says of the bars after the newest ones."""
