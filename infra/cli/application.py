"""What the laptop cloud has to be told of FraudShield beside its template."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.cli.path import PYTHON_PATH, TEMPLATE
from infra.laptop.options import Application, CloudOptions, Ports
from infra.laptop.state import StateDirectory
from infra.parameter import PARAMETER, parameters

KEYS = ("TEST_API_KEY", "FRONTEND_API_KEY", "ADMIN_API_KEY")
LISTENERS = {
    "ModelFunction": 8001,
    "AnalyticsFunction": 8002,
    "DatabaseFunction": 8003,
    "NotificationFunction": 8004,
    "BatchFunction": 8005,
    "MonitoringFunction": 8006,
    "PolicyFunction": 8007,
    "IngestFunction": 9001,
}
SENDER = "fraudshield@example.com"  # of mails that never leave this machine

FRAUDSHIELD = Application(
    name="FraudShield",
    template=TEMPLATE,
    python_path=PYTHON_PATH,
    key_parameters={setting: PARAMETER[setting] for setting in KEYS},
    second_key_parameters={f"SECOND_{setting}": PARAMETER[f"SECOND_{setting}"] for setting in KEYS},
    listener_key="ADMIN_API_KEY",
    url_parameter="PublicUrl",
    mail_id_header="X-FraudShield-Id",
    stop_advice="`fraudshield down` ends it",
)


def cloud_options(settings: Mapping[str, str], home: Path, port_base: int, only: Sequence[str] = ()) -> CloudOptions:
    """FraudShield with the user's settings, its data in `home`, its gateway at `port_base` (0: any free ports).

    Raises:
        ConfigurationError: a setting that no parameter of the template can be.
    """
    given = {"AWS::StackName": "fraudshield", "FromEmail": SENDER} | parameters(settings)
    return CloudOptions(
        application=FRAUDSHIELD,
        state=StateDirectory(home),
        ports=Ports.based(port_base, LISTENERS),
        settings=settings,
        parameters=given,
        sender=given["FromEmail"],
        only=only,
    )
