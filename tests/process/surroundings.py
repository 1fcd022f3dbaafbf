"""What has to be there before anything of the product is imported: an AWS that is none, and an event loop."""

import asyncio
import os
import sys

os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="eu-west-1",
    POWERTOOLS_SERVICE_NAME="test",
    POWERTOOLS_METRICS_NAMESPACE="FraudShield",
    MOTO_EC2_LOAD_DEFAULT_AMIS="false",
)

# Images with Python in them forbid bytecode; each of the hundreds of processes that tests start would compile anew what
# it imports, which is most of its time, and every run the tests themselves.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

LOOP = asyncio.new_event_loop()  # Mangum asks for the thread's loop: when imported, and at every call
asyncio.set_event_loop(LOOP)
