"""The INCB forms as data and pure functions over facts: no database, no framework, no file format."""
