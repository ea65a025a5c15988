"""Deputies: who stands in for whom while somebody is away, named by one person and decided by another."""
