"""Finds personal data in text: presidio's patterns, offline, and names of people."""
