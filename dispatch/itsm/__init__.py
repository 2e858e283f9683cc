"""The clients' ITSM tools: what is read from them, and what is written back."""
