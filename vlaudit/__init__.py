"""Audits vision-language models and their data, and judges the evidence against a policy."""
