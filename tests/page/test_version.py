"""A rule on its way: drafted, checked, tried, and put in force, on the page alone."""

from playwright.sync_api import Locator, Page, expect

from tests.page.conftest import ADMIN, Api, Open, Seeded

CODE = "page_large_debit"
MOST_ACTIONS = 15
TEST_MS = 120_000  # a test on history of some 1,200 payments, on a machine that others load


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


class Keys:
    """Somebody who has a keyboard alone; each thing that they do is counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.actions = page, 0

    def press(self, key: str, at: Locator | None = None) -> None:
        """A key, where the focus is or where it goes by Tab."""
        self.actions += 1
        if at is None:
            self.page.keyboard.press(key)
        else:
            at.press(key)

    def write(self, text: str, at: Locator) -> None:
        """A field is filled."""
        self.actions += 1
        at.focus()
        self.page.keyboard.type(text)


def test_from_a_fraud_in_the_queue_to_a_tested_rule_in_force_by_keys(tab: Open, cloud: Api, seeded: Seeded) -> None:
    page = tab(ADMIN).go("queue")
    keys, said = Keys(page), page.locator("[role=status]").first
    expect(page.locator("main .headline a.id")).to_be_visible()
    keys.press("f")
    expect(said).to_contain_text("declined")
    keys.press("Enter", page.get_by_role("link", name="Rules"))
    keys.press("Enter", page.get_by_role("button", name="Begin with version"))
    page.wait_for_url("**/#/rules/*")
    keys.press("Enter", page.get_by_role("button", name="Add a rule"))
    form = page.locator("details.rule").last
    keys.write("page_by_keys", form.get_by_label("Code"))
    keys.write("amount > 4000000.0 && type == 'DEBIT'", form.get_by_label("When"))
    expect(form).to_contain_text("reads amount, type")
    keys.press("Enter", page.get_by_role("button", name="Keep the draft"))
    expect(page.locator("main")).to_contain_text("Rules addedpage_by_keys")
    keys.press("Enter", page.get_by_role("button", name="Test it"))
    test = page.locator(".grid-even .panel").last
    expect(test.locator(".verdict")).to_be_visible(timeout=TEST_MS)
    expect(test).to_contain_text("Compared")
    keys.write("Tested on history", page.get_by_label("Note: why"))
    keys.press("Enter", page.get_by_role("button", name="Put it in force"))
    expect(said).to_contain_text("is in force")
    assert keys.actions <= MOST_ACTIONS
    cloud.call("POST", "/api/v1/policy/rollback", {"note": "The test is over"})
