"""What a journal is, without a database."""
