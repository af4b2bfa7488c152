"""What a model's own files hold besides weights: code, gaps, strangers; nothing is ever loaded."""
