"""One language for conditions of rules and for features of models, in CEL's spelling."""
