"""What phones did offline, made to count exactly once: the ledger, the quarantine, and what lies to be reviewed."""
