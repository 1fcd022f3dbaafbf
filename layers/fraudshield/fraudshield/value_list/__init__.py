"""Lists: named sets of values that rules ask, such as stolen cards or trusted accounts."""
