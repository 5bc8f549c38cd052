"""Forecasting: what a trained model says of new bars."""
