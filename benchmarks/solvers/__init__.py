"""One file per solver, all behind the same signature (`found.Solver`)."""
