"""A rule on its way: drafted, checked, tried, and put in force, on the page alone."""

from playwright.sync_api import expect

from tests.page.conftest import ADMIN, Api, Open, Seeded

CODE = "page_large_debit"


def test_a_rule_is_drafted_tried_and_put_in_force(tab: Open, cloud: Api, seeded: Seeded) -> None:
    here = tab(ADMIN)
    page = here.go("rules")
    page.get_by_label("Note: what it is for").fill("Large debits")
    page.get_by_label("Note: what it is for").press("Enter")
    page.wait_for_url("**/#/rules/*")
    here.settled()
    version = page.url.rpartition("/")[2]
    page.get_by_role("button", name="Add a rule").click()
    form = page.locator("details.rule").last
    form.get_by_label("Code").fill(CODE)
    form.get_by_label("When").fill("amount > 4000.0 && typ == 'DEBIT'")
    form.get_by_role("button", name="Use type").click()
    expect(form).to_contain_text("reads amount, type")
    form.get_by_label("Try it on a payment").fill(seeded.sent[0]["transaction_id"])
    form.get_by_role("button", name="Try").click()
    expect(form).to_contain_text("It does not hold")
    page.get_by_role("button", name="Keep the draft").click()
    expect(page.locator("[role=status]").first).to_contain_text("The draft is kept")
    expect(page.locator("main")).to_contain_text(f"Rules added{CODE}")
    page.get_by_label("Note: why").fill("Tried by hand")
    page.get_by_role("button", name="Put it in force").click()
    expect(page.locator("main .fault")).to_contain_text("not_tested")
    page.get_by_label("without a test").check()
    page.get_by_role("button", name="Put it in force").click()
    expect(page.locator("[role=status]").first).to_contain_text(f"Version {version} is in force")
    expect(page.locator(".headline .badge")).to_have_text("✓ active")
    expect(here.go("rules").get_by_role("table", name="Rules in force")).to_contain_text(CODE)
    cloud.call("POST", "/api/v1/policy/rollback", {"note": "The test is over"})
