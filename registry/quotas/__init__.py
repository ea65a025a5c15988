"""Estimates, assessments, state quotas, allocations, and the position."""
