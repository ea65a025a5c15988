"""What people do with counts: each takes the session, who acts, the clock and what is asked; none commits."""
