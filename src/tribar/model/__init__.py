"""The recurrent classifier: network, training and checkpoints. Knows torch, no study."""
