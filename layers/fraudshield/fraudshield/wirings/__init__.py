"""Which adapter stands behind which port on AWS, or on anything that answers like it: a module for each concept.

A wiring knows adapters of its own concept and wirings of the floors below; only functions import wirings.
"""
