"""What is looked at before anything is built: everything that would let a deployment fail after minutes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.deployment import stack
from infra.deployment.finding import Finding, good, note, stop
from infra.deployment.target import Client, Target
from infra.laptop.intrinsic import NO_VALUE, Resolver
from infra.laptop.template import Template, of_type

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
MOST_RESOURCES, MOST_PARAMETERS, MOST_OUTPUTS = 500, 200, 200
# Lambda leaves so many executions to functions that reserve none, and refuses a reservation that would take them.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
UNRESERVED = 100
LITTLE = 100  # a new account's quota may be 10

QUOTAS = "https://console.aws.amazon.com/servicequotas/home/services/lambda/quotas"
OUT_OF_THE_SANDBOX = "https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html"

Check = Callable[[], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Preflight:
    """Looks at an account for one target. `template` is the expanded one."""

    client: Client
    target: Target
    template: Template

    def look(self) -> list[Finding]:
        """Every check's findings. Without credentials nothing else is asked. What AWS does not let us see is a note."""
        try:
            who = self.client("sts").get_caller_identity()
        except (ClientError, BotoCoreError) as exc:
            return [stop("credentials", f"AWS did not say whose they are: {exc}")]
        findings = [good("credentials", f"account {who['Account']}, as {who['Arn']}")]
        checks: dict[str, Check] = {
            "region": self._region,
            "name": self._name,
            "concurrency": self._concurrency,
            "mail": self._mail,
            "logs": self._logs,
            "limits": self._limits,
        }
        for what, check in checks.items():
            try:
                findings += check()
            except (ClientError, BotoCoreError) as exc:
                findings.append(note(what, f"AWS did not say: {exc}"))
        return findings

    def _region(self) -> list[Finding]:
        known = boto3.session.Session().get_available_regions("apigateway")
        if self.target.region in known:
            return [good("region", self.target.region)]
        near = get_close_matches(self.target.region, known, 1)
        return [stop("region", f"{self.target.region} is none that is known here" + (f"; {near[0]}?" if near else ""))]

    def _name(self) -> list[Finding]:
        name = self.target.stack
        found = stack.find(self.client, name)
        if found is None:
            return [good("name", f"{name} is free: it will be made")]
        if not found.is_ours and found.status != stack.BEGUN:
            return [stop("name", f"{name} is a stack of something else; choose another stage")]
        if found.is_moving:
            return [stop("name", f"{name} is {found.status}: wait until CloudFormation has ended")]
        if found.status == "UPDATE_ROLLBACK_FAILED":
            go_on = f"aws cloudformation continue-update-rollback --region {self.target.region} --stack-name {name}"
            return [stop("name", f"{name} is {found.status}; let it go back first: {go_on}")]
        if found.is_dead:
            delete = f"aws cloudformation delete-stack --region {self.target.region} --stack-name {name}"
            return [stop("name", f"{name} is {found.status}, which cannot be updated; remove it: {delete}")]
        return [good("name", f"{name} is there ({found.outputs.get('Version', 'not whole')}) and will be updated")]

    def _concurrency(self) -> list[Finding]:
        limit = self.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
        reserved = self._reserved()
        if reserved and limit - reserved < UNRESERVED:
            says = f"{limit} executions at once are allowed, {reserved} would be reserved, {UNRESERVED} must stay free"
            return [stop("concurrency", f"{says}; ask for more: {QUOTAS}")]
        if limit < LITTLE:
            return [note("concurrency", f"only {limit} executions at once are allowed; ask for more: {QUOTAS}")]
        return [good("concurrency", f"{limit} executions at once")]

    def _reserved(self) -> int:
        resolver = Resolver(self.template, self.target.all_parameters)
        functions = of_type(self.template, "AWS::Lambda::Function")
        asked = [resolver.resolve(properties.get("ReservedConcurrentExecutions")) for _, properties in functions]
        return sum(int(one) for one in asked if one not in (None, NO_VALUE))

    def _mail(self) -> list[Finding]:
        ses, sender = self.client("sesv2"), self.target.parameters.get("FromEmail", "")
        confined = not ses.get_account()["ProductionAccessEnabled"]
        sandbox = f"SES sends to confirmed addresses only, up to 200 a day: {OUT_OF_THE_SANDBOX}"
        return [*([note("mail", sandbox)] if confined else []), self._sender(ses, sender)]

    def _sender(self, ses: Any, sender: str) -> Finding:
        if not sender:
            return note("mail", "no mails are sent until FROM_EMAIL names a sender that SES knows")
        try:
            verified = ses.get_email_identity(EmailIdentity=sender)["VerifiedForSendingStatus"]
        except ClientError as exc:
            if exc.response["Error"]["Code"] != "NotFoundException":
                raise
            verified = False
        if verified:
            return good("mail", f"{sender} may send")
        confirm = f"aws sesv2 create-email-identity --region {self.target.region} --email-identity {sender}"
        return note("mail", f"{sender} is not confirmed yet: {confirm}")

    def _logs(self) -> list[Finding]:
        role = self.client("apigateway").get_account().get("cloudwatchRoleArn")
        return [good("logs", f"API Gateway logs through {role or 'a role that the stack makes'}")]

    def _limits(self) -> list[Finding]:
        sizes = {
            "resources": (len(self.template["Resources"]), MOST_RESOURCES),
            "parameters": (len(self.template["Parameters"]), MOST_PARAMETERS),
            "outputs": (len(self.template["Outputs"]), MOST_OUTPUTS),
        }
        over = [
            f"{count} {what}, and CloudFormation takes {most}" for what, (count, most) in sizes.items() if count > most
        ]
        return [stop("limits", one) for one in over] or [good("limits", f"{sizes['resources'][0]} of 500 resources")]
