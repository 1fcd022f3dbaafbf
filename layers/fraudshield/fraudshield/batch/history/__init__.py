"""What earlier payments say of a file's rows: earlier rows of the file, stored payments, or nothing."""
