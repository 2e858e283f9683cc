"""The demo: a fictional IT provider and its two fictional clients in Rennes, made by code."""
