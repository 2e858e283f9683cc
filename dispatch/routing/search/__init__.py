"""Ruin and recreate on flat arrays, compiled: the part of the engine that searches."""
