"""How much a version of a policy and its rules may block, and what keeps them to it."""
