"""Predictions that were stored, in the place of the model that made them."""
