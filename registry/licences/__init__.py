"""Who may do which act with which substances, where, until when."""
