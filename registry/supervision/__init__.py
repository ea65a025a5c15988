"""What people see of flags and audit; search; the health of the system."""
