"""The pure core: who does what, when, in which order, and why. It knows nothing of the web or the tables."""
