"""Waiting times that are told to a requester, computed from plain data: a pure layer like sla and routing."""
