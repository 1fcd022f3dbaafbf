"""Lists for the rows of a file: each is written once beside its job, and no row reads the store."""
