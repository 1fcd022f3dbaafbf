"""Functions in containers, as `sam local` runs them, on the laptop cloud."""
