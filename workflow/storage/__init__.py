"""Where everything is kept: SQLite or PostgreSQL, one set of tables."""
