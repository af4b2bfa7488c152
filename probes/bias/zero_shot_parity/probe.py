"""Zero-shot accuracy, compared between groups."""
