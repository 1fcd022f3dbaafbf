"""`$context.*` and `$stageVariables.*`, as API Gateway's response templates and access-log formats name them."""

import re
from collections.abc import Mapping

# Bare or in braces, as in Apache Velocity: $context.requestId, ${context.identity.apiKeyId}.
VARIABLE = re.compile(r"\$(?:\{((?:context|stageVariables)(?:\.\w+)+)\}|((?:context|stageVariables)(?:\.\w+)+))")


def substitute(text: str, variables: Mapping[str, str], missing: str) -> str:
    """`text` with every variable put in; those without a value become `missing`.

    `variables` are named without the dollar sign: `context.requestId`.
    """
    return VARIABLE.sub(lambda found: variables.get(found[1] or found[2], missing), text)
