"""The same search by other means, each as its users write it."""
