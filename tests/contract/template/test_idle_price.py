"""A month in which nobody calls: what the template's own parts come to."""

from infra.laptop.template import Template
from infra.price.idle import idle_month
from tests.contract.expanded import of_type, planted, properties, template

MOST = 5.0  # dollars, without the customer's key and without any free tier


def chosen(template: Template) -> float:
    return sum(line.dollars for line in idle_month(template) if line.chosen)


def test_alarms_metrics_dashboards_schedules_and_keys_are_five_dollars_at_most() -> None:
    assert chosen(template()) <= MOST


def every_minute(template: Template) -> None:
    for rule in of_type(template, "AWS::Events::Rule").values():
        if "ScheduleExpression" in rule:
            rule["ScheduleExpression"] = "cron(0/1 * * * ? *)"


def test_what_makes_it_dearer_is_noticed() -> None:
    before = chosen(template())
    assert chosen(planted(lambda t: t["Resources"]["Dashboard"].pop("Condition"))) > before + 2.99
    assert chosen(planted(every_minute)) > before + 1
    assert properties(template(), "Dashboard")["DashboardName"]
