"""Between the tables and the solver: build a problem, run it, propose, accept, move."""
