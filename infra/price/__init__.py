"""What it costs: an idle month from the template, a million payments from what was recorded in a run."""
