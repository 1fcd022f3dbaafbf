"""How good a model is on payments that it has not seen, with what it is compared with and how sure one can be."""
