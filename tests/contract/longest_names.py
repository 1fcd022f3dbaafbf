"""The template's values with the longest names that AWS lets a deployment have."""

from collections.abc import Mapping
from typing import Any

from infra.laptop.intrinsic import Resolver
from infra.laptop.template import Template

STACK = "s" * 128  # https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
ACCOUNT = "1" * 12
REGION = "ap-northeast-123"  # longer than any that there is: the longest have 14
SUFFIX = "amazonaws.com.cn"
PARTITION = "aws-iso-b-x"  # likewise: `aws-us-gov` and `aws-iso-b` have 10

PSEUDO = {"AWS::Region": REGION, "AWS::Partition": PARTITION, "AWS::AccountId": ACCOUNT, "AWS::StackName": STACK}

RANDOM = 14  # what CloudFormation puts behind `STACK-LOGICAL_ID`, hyphen included
MOST = {  # of a physical name of its type: CloudFormation cuts what would be longer
    "AWS::DynamoDB::Table": 255,
    "AWS::S3::Bucket": 63,
    "AWS::SQS::Queue": 80,
    "AWS::SNS::Topic": 256,
    "AWS::Lambda::Function": 64,
    "AWS::SES::ConfigurationSet": 64,
    "AWS::SecretsManager::Secret": 512,
    "AWS::ApiGateway::ApiKey": 10,  # its id, which API Gateway makes
}
REFERRED: Mapping[str, str] = {  # what `!Ref` gives where it is not the name
    "AWS::SQS::Queue": f"https://sqs.{REGION}.{SUFFIX}/{ACCOUNT}/{{name}}",
    "AWS::SNS::Topic": f"arn:{PARTITION}:sns:{REGION}:{ACCOUNT}:{{name}}",
    "AWS::SecretsManager::Secret": f"arn:{PARTITION}:secretsmanager:{REGION}:{ACCOUNT}:secret:{{name}}-123456",
}
# Parameters that the template bounds by no length, at more than anybody has a use for.
UNBOUNDED = {
    "CorsOrigins": 512,  # ten origins
    "PublicUrl": 255,  # a host's name has 253 characters at most
    "FromEmail": 254,  # https://www.rfc-editor.org/rfc/rfc5321 section 4.5.3.1
    "ModelVersion": 64,
    "AwsEndpointUrl": 255,
}


def longest(template: Template) -> Resolver:
    """Resolves each `!Ref` to the longest that it can be, and every parameter to its longest value."""
    refs = {name: referred(name, one["Type"]) for name, one in template["Resources"].items() if one["Type"] in MOST}
    return _Longest(template, {name: widest(name, one) for name, one in template["Parameters"].items()}, refs)


class _Longest(Resolver):
    """Of `!Sub`, too: the place has the longest name."""

    def ref(self, name: str) -> Any:
        return PSEUDO.get(name) or super().ref(name)


def referred(logical_id: str, kind: str) -> str:
    """What `!Ref logical_id` gives."""
    name = f"{STACK}-{logical_id}-".ljust(len(STACK) + len(logical_id) + 1 + RANDOM, "X")[: MOST[kind]]
    return REFERRED.get(kind, "{name}").format(name=name)


def widest(name: str, parameter: Mapping[str, Any]) -> str:
    """The longest value of a parameter."""
    if "AllowedValues" in parameter:
        return max(map(str, parameter["AllowedValues"]), key=len)
    if parameter["Type"] == "Number":
        return "-" * 20  # more digits than any has
    if name == "Stage":
        return "s" * 20  # as its pattern says
    return "x" * UNBOUNDED.get(name, 128)
