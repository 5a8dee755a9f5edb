"""The main path by hand: from an available flat to the sealed 认购书, each post at its own screen."""

import pytest

from guiju.demo.invented import identity
from guiju.estate.models import Control, Unit
from guiju.kernel import audit
from guiju.kernel.models import Case
from tests.stories.conftest import BORN, PNG

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_flat_goes_from_available_to_the_sealed_subscription_by_hand(browser, hands, house, tmp_path):
    scan = tmp_path / "扫描件.png"
    scan.write_bytes(PNG)
    unit = house.units[0]

    browser.sign_in("lin")
    browser.go(f"/units/?unit={unit.pk}")
    hands.look("01-units")
    browser.go(f"/cases/new/subscription/?unit={unit.pk}")
    hands.fill(intent="李𬭎")
    hands.look("02-lock")
    hands.click("#take-button", turns=True)
    case = Case.objects.get(process="subscription")

    browser.go(f"/cases/{case.number}/steps/hand_in/")
    hands.fill(
        buyers__0__name="李𬭎",
        buyers__0__identity=identity(BORN, 7),
        buyers__0__phone="19900001234",
        payment="lump_sum",
        total_price="2000000",
        deposit="50000",
        disclosed="1",
    )
    hands.upload("signed", scan)
    hands.look("03-hand-in-locked")
    hands.there("#take-button[aria-disabled=true]")
    hands.tick_all()
    hands.look("04-hand-in")
    hands.take(case, "hand_in")
    hands.look("05-case-of-sales")

    browser.sign_in("gao")
    browser.go(f"/cases/{case.number}/steps/director_sign/")
    hands.tick_all()
    hands.take(case, "director_sign")

    browser.sign_in("wu")
    browser.go("/")
    assert "核对并登记" in hands.text("main")
    hands.look("06-workbench-of-customer-service")
    browser.go(f"/cases/{case.number}/steps/check_and_register/")
    hands.fill(control_ok="1", price_ok="1", payment_ok="1")
    hands.tick_all()
    hands.take(case, "check_and_register")
    hands.look("07-registered")

    browser.sign_in("fang")
    browser.go(f"/cases/{case.number}/")
    assert "到「待盖章」时才能办理" in hands.text()
    hands.look("08-keeper-must-wait")

    browser.sign_in("he")
    browser.go(f"/cases/{case.number}/steps/confirm_deposit/")
    hands.fill(amount="50000", account="预售资金监管账户", voucher="POS0001", payer="李𬭎")
    hands.tick_all()
    hands.take(case, "confirm_deposit")

    browser.sign_in("fang")
    browser.go(f"/cases/{case.number}/steps/seal/")
    hands.tick_all()
    hands.take(case, "seal")
    hands.look("09-sealed")
    browser.screen((390, 844))
    browser.go(f"/cases/{case.number}/")
    hands.look("10-sealed-phone")

    case.refresh_from_db()
    assert case.state == "sealed"
    assert Unit.objects.get(pk=unit.pk).control == Control.SUBSCRIBED
    assert audit.verify().ok
