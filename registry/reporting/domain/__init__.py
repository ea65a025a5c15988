"""Spans of time, the calendar of reports, what a site states, refused reports and closed periods. Pure."""
