"""Tests on history: what another version of a policy would have decided, and what can be said of the difference."""
