"""Attacks that see only the answers of a model."""
