"""The template's buckets, made in moto."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from infra.laptop.errors import SetupError
from infra.laptop.intrinsic import Resolver
from infra.laptop.sdk import REGION, Client
from infra.laptop.template import refuse_properties

TAKEN = ("BucketName", "CorsConfiguration", "NotificationConfiguration", "VersioningConfiguration")
LEFT_OUT = (
    "BucketEncryption",  # it is the user's own disk
    "LifecycleConfiguration",  # nothing ages here
    "LoggingConfiguration",
    "OwnershipControls",  # nobody is asked for permission
    "PublicAccessBlockConfiguration",
    "Tags",
)
CORS = {  # CloudFormation's names, S3's
    "AllowedHeaders": "AllowedHeaders",
    "AllowedMethods": "AllowedMethods",
    "AllowedOrigins": "AllowedOrigins",
    "ExposedHeaders": "ExposeHeaders",
    "MaxAge": "MaxAgeSeconds",
}
EVENTS = "EventBridgeConfiguration"


def make_bucket(resolver: Resolver, client: Client, logical_id: str, properties: Mapping[str, Any]) -> None:
    """Create the bucket, or keep the one that is there with its objects, and make it what the template says.

    Raises:
        SetupError: a property nobody handles here.
    """
    refuse_properties(logical_id, properties, (*TAKEN, *LEFT_OUT))
    wanted = resolver.resolve({name: properties[name] for name in TAKEN if name in properties})
    name, s3 = wanted.get("BucketName", logical_id.lower()), client("s3")
    if not _is_there(s3, name):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    if "VersioningConfiguration" in wanted:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=wanted["VersioningConfiguration"])
    if "CorsConfiguration" in wanted:
        rules = [_cors(logical_id, rule) for rule in wanted["CorsConfiguration"]["CorsRules"]]
        s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": rules})
    if _tells(logical_id, wanted):
        s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={EVENTS: {}})
    resolver.refs[logical_id] = name
    resolver.attributes[logical_id, "Arn"] = f"arn:aws:s3:::{name}"


def notifying_buckets(resolver: Resolver) -> list[str]:
    """The names of the buckets whose changes EventBridge is told of; they have been made."""
    return [
        resolver.refs[name]
        for name, resource in resolver.template["Resources"].items()
        if resource["Type"] == "AWS::S3::Bucket" and _tells(name, resolver.resolve(resource["Properties"]))
    ]


def _tells(logical_id: str, wanted: Mapping[str, Any]) -> bool:
    told = wanted.get("NotificationConfiguration", {})
    refuse_properties(logical_id, told, (EVENTS,))
    return EVENTS in told and str(told[EVENTS].get("EventBridgeEnabled", True)).lower() == "true"


def _cors(logical_id: str, rule: Mapping[str, Any]) -> dict[str, Any]:
    refuse_properties(logical_id, rule, (*CORS, "Id"))
    return {CORS[name]: value for name, value in rule.items() if name in CORS}


def _is_there(s3: Any, name: str) -> bool:
    try:
        s3.head_bucket(Bucket=name)
    except ClientError as exc:
        if exc.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise SetupError(f"The bucket {name} cannot be used: {exc}") from exc
        return False
    return True
