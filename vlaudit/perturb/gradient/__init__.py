"""Attacks that follow the model's own gradients: torch tensors in, torch tensors out."""
