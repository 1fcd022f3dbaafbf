"""botocore's clients, made on first use so that importing a handler never touches AWS.

They are the ones that boto3 gives, without its resources and its file transfers, which nothing here uses and every
cold start would import.

The time-outs are ours (botocore's defaults can hang for minutes) and so are the retries: botocore's own
back-off may sleep a second, which is longer than a scoring request has.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.session import Session, get_session

from fraudshield.budget import (
    COLD_HEALTH_S,
    CONNECT_S,
    COUNT_S,
    FILE_READ_S,
    HEALTH_S,
    MAIL_S,
    METRICS_S,
    READ_S,
    TELL_S,
)

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

CONNECTIONS = 32  # as many writes of one request are under way at once
HOT_PATH = Config(
    connect_timeout=CONNECT_S,
    read_timeout=READ_S,
    retries={"total_max_attempts": 1},
    max_pool_connections=CONNECTIONS,
    tcp_keepalive=True,
)
# For work that no payment waits for: two attempts still end within a request to the API.
PATIENT = HOT_PATH.merge(Config(read_timeout=3.0, connect_timeout=1.0, retries={"total_max_attempts": 2}))
# Links lead to the bucket's own host in its region: the global one sends on for hours after a bucket was made, which
# neither a signature nor the page's policy outlives.
FILES = PATIENT.merge(
    Config(read_timeout=20.0, connect_timeout=2.0, signature_version="s3v4", s3={"addressing_style": "virtual"})
)


@lru_cache
def dynamodb() -> "DynamoDBClient":
    """The client of the scoring path."""
    client: DynamoDBClient = _client("dynamodb", HOT_PATH)
    return client


@lru_cache
def counting_dynamodb() -> "DynamoDBClient":
    """The client of the stream's consumer: a batch that fails for a late response is delivered again as a whole."""
    client: DynamoDBClient = _client("dynamodb", HOT_PATH.merge(Config(read_timeout=COUNT_S)))
    return client


@lru_cache
def patient_dynamodb() -> "DynamoDBClient":
    """The client of all that no payment waits for."""
    client: DynamoDBClient = _client("dynamodb", HOT_PATH.merge(Config(connect_timeout=TELL_S, read_timeout=TELL_S)))
    return client


@lru_cache
def dynamodb_streams() -> "DynamoDBStreamsClient":
    """The client that reads records of the stream back. It checks no parameter: some engines have short shard ids."""
    client: DynamoDBStreamsClient = _client(
        "dynamodbstreams", HOT_PATH.merge(Config(parameter_validation=False, read_timeout=METRICS_S))
    )
    return client


@lru_cache
def sqs() -> "SQSClient":
    """The client that parks what could not be stored."""
    client: SQSClient = _client("sqs", HOT_PATH)
    return client


@lru_cache
def lambda_() -> "LambdaClient":
    """The client that asks other functions for their health."""
    client: LambdaClient = _client("lambda", HOT_PATH.merge(Config(read_timeout=HEALTH_S)))
    return client


@lru_cache
def patient_lambda() -> "LambdaClient":
    """The client that asks functions which may have to start first."""
    client: LambdaClient = _client("lambda", HOT_PATH.merge(Config(read_timeout=COLD_HEALTH_S)))
    return client


@lru_cache
def secretsmanager() -> "SecretsManagerClient":
    """The client that reads the deployment's secret."""
    client: SecretsManagerClient = _client("secretsmanager", HOT_PATH.merge(Config(retries={"total_max_attempts": 2})))
    return client


@lru_cache
def cloudwatch() -> "CloudWatchClient":
    """The client that reads metrics back: many at once, and no payment waits for it."""
    client: CloudWatchClient = _client("cloudwatch", HOT_PATH.merge(Config(read_timeout=METRICS_S)))
    return client


@lru_cache
def sesv2() -> "SESV2Client":
    """The client that sends mail: one attempt, since another one after a lost response would be a second mail."""
    client: SESV2Client = _client("sesv2", HOT_PATH.merge(Config(connect_timeout=MAIL_S, read_timeout=MAIL_S)))
    return client


@lru_cache
def jobs_dynamodb() -> "DynamoDBClient":
    """The client of the batch jobs."""
    client: DynamoDBClient = _client("dynamodb", PATIENT)
    return client


@lru_cache
def files_dynamodb() -> "DynamoDBClient":
    """The client that stores the decisions of files: a late response is waited for."""
    client: DynamoDBClient = _client(
        "dynamodb", HOT_PATH.merge(Config(connect_timeout=TELL_S, read_timeout=FILE_READ_S))
    )
    return client


@lru_cache
def s3() -> "S3Client":
    """The client of the batch files."""
    client: S3Client = _client("s3", FILES)
    return client


def link_origin(bucket: str) -> str:
    """The origin of presigned links into a bucket, as browsers write it."""
    link = urlsplit(s3().generate_presigned_url("put_object", {"Bucket": bucket, "Key": "any"}))
    return f"{link.scheme}://{link.netloc}"


@lru_cache
def stepfunctions() -> "SFNClient":
    """The client that starts and stops jobs."""
    client: SFNClient = _client("stepfunctions", PATIENT)
    return client


@lru_cache
def sns() -> "SNSClient":
    """The client that announces ended jobs."""
    client: SNSClient = _client("sns", PATIENT)
    return client


def _client(service: str, config: Config) -> Any:
    return _session().create_client(service, config=config)


@lru_cache
def _session() -> Session:
    """Reads the environment as boto3's own does: region, credentials, `AWS_ENDPOINT_URL`."""
    return get_session()
