"""Bars, features, labels, windows and splits. Knows prices; no tensor, no trial."""
