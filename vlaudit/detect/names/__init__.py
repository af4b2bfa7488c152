"""The shipped recogniser of people's names, the sentences it learns from, and its training."""
