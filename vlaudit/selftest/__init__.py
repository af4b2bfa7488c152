"""Measures the probes: planted flaws and innocents that each must tell apart."""
