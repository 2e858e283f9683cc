"""What a phone is told without being asked (web push): whom, when, in which words, and how it gets there."""
