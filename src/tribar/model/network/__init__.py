"""The network: what it is made of, and how its parts are joined."""
