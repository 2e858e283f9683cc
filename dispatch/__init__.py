"""Dispatch sends on-site IT technicians to the right place, in the right order.

Nothing is imported here, so that `dispatch.routing` loads without Flask.
"""
