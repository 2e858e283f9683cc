"""Records of the clients' ITSM tools to rows. Nothing else of this package sees the tables."""
