"""Proof of intervention: photos and signatures as they are kept, the document made of a report, and its mail."""
