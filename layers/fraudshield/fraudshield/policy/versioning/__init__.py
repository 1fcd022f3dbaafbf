"""The life of a version of a policy: drafted, put in force, compared and taken back."""
