"""The training of one network: batches, loss, optimiser, and the state that a resumed one needs."""
