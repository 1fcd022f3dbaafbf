"""How a number is spelled in a text file: as in JSON, so that every door reads the same."""

import re

NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
