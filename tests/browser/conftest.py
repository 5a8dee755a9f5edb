"""A real browser on a real server: Debian's Chromium, driven without a download."""

import shutil
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from tests.conftest import chromium
from tests.processes import PATIENCE
from tests.stories.conftest import House, house

__all__ = ["House", "house"]

DESK, SMALL, PHONE = (1440, 900), (1093, 700), (390, 844)


@pytest.fixture(scope="session")
def chrome() -> Iterator[webdriver.Chrome]:
    """One browser for all tests; cookies and storage are emptied between them."""
    options = Options()
    options.binary_location = chromium() or ""
    for word in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--lang=zh-CN",
    ):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    driver.set_page_load_timeout(PATIENCE)
    driver.set_script_timeout(PATIENCE)
    yield driver
    driver.quit()


class Browser:
    """A person at a screen."""

    def __init__(self, driver: webdriver.Chrome, url: str, house: House) -> None:
        self.driver, self.url, self.house = driver, url, house

    def screen(self, size: tuple[int, int]) -> None:
        """Change to a screen of this size."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 600},
        )

    def sign_in(self, username: str, *, theme: str = "light") -> None:
        """Sit down as this person."""
        client = Client()
        client.force_login(self.house.people[username])
        self.driver.get(self.url + "/accounts/login/")
        self.driver.delete_all_cookies()
        self.driver.add_cookie({"name": "sessionid", "value": client.cookies["sessionid"].value, "path": "/"})
        self.driver.add_cookie({"name": "theme", "value": theme, "path": "/"})

    def go(self, path: str) -> None:
        """Open a page."""
        self.driver.get(self.url + path)

    def complaints(self) -> list[str]:
        """What the browser complained about since it was last asked."""
        return [
            entry["message"]
            for entry in self.driver.get_log("browser")
            if entry["level"] in ("SEVERE", "WARNING") and "favicon" not in entry["message"]
        ]


@pytest.fixture
def browser(chrome, live_server, house) -> Iterator[Browser]:
    """A browser on the house of the stories."""
    found = Browser(chrome, live_server.url, house)
    found.screen(DESK)
    yield found
    chrome.get("about:blank")
    chrome.delete_all_cookies()
    chrome.get_log("browser")


@pytest.fixture
def lived_in(house):
    """A house with work in several stages; returns its addresses."""
    at = timezone.now() - timedelta(hours=3)
    sealed = house.sealed(at=at)
    waiting = house.handed_in(at=at, unit=1)
    locked = house.lock(unit=2, at=timezone.now())
    buyer = house.facts(sealed).deal.buyers.get().customer_id
    return [
        "/",
        "/?tab=done",
        "/todos/",
        "/cases/",
        f"/cases/{sealed.number}/",
        f"/cases/{waiting.number}/",
        f"/cases/{locked.number}/steps/hand_in/",
        f"/cases/new/subscription/?unit={house.units[3].pk}",
        "/units/?mark=1",
        f"/units/?unit={house.units[0].pk}",
        "/units/daily/",
        f"/units/{house.units[0].pk}/",
        "/customers/",
        f"/customers/{buyer}/",
        "/search/?q=1501",
        "/imports/",
        "/sops/",
        "/sops/KF-ZY-01/",
        "/people/",
        f"/people/{house.wu.pk}/",
        f"/cases/{waiting.number}/chart/",
        f"/cases/{waiting.number}/move/",
        f"/cases/{sealed.number}/papers/",
        "/sops/KF-SC-00/",
        "/sops/KF-ZY-01/draft/",
        "/sops/KF-ZY-01/difference/",
        "/sops/KF-ZY-01/values/",
        "/sops/KF-ZY-01/suggestions/",
        "/people/delegations/",
        "/people/posts/",
        "/people/structure/",
        "/people/overview/",
        f"/customers/{buyer}/merge/",
        "/registers/subscriptions/",
        "/exports/",
        "/exports/new/",
        "/glossary/",
        "/calendar/",
        "/me/",
        "/more/",
        "/accounts/2fa/",
        "/accounts/password/change/",
        "/nothing/",
    ]
