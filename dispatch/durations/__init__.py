"""How long work takes, learned from work that was done: pure, numbers in and numbers out. See estimate.py."""
