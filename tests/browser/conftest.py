"""A real browser on a real server: Debian's Chromium, driven without a download."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from tests.browser.hands import Hands
from tests.conftest import chromium
from tests.processes import PATIENCE
from tests.stories.conftest import House, house

__all__ = ["House", "house"]

DESK, SMALL, PHONE = (1440, 900), (1093, 700), (390, 844)

# The server of the tests and the tests themselves have one connection between them, and with it one transaction: the
# server answers one request after the other, and a test that asks or writes while a page may still be asking takes its turn.
_turn = threading.RLock()


@pytest.fixture(scope="session")
def live_server(live_server):
    """The server of all browser tests, made to answer one request after the other."""
    answer = live_server.thread.httpd.get_app()

    def in_turn(environ, start_response):
        with _turn:
            return answer(environ, start_response)

    live_server.thread.httpd.set_app(in_turn)
    return live_server


@pytest.fixture(scope="session")
def chrome() -> Iterator[webdriver.Chrome]:
    """One browser for all tests; cookies and storage are emptied between them."""
    driver = started()
    driver.command_executor.client_config.timeout = 2 * PATIENCE
    driver.set_page_load_timeout(PATIENCE)
    driver.set_script_timeout(PATIENCE)
    yield driver
    driver.quit()


def started() -> webdriver.Chrome:
    """Start the browser; on a machine too busy for the driver's half minute, once more."""
    options = Options()
    options.binary_location = chromium() or ""
    for word in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--lang=zh-CN",
        # What moves is no place to aim at.
        "--force-prefers-reduced-motion",
        # Nothing that looks for the network, a graphics card or a newer self.
        "--disable-gpu",
        "--disable-extensions",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--disable-features=OptimizationHints,OptimizationGuideModelDownloading,OnDeviceModelService,Translate",
    ):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for again in (True, True, False):
        service = Service(shutil.which("chromedriver"))
        try:
            return webdriver.Chrome(options=options, service=service)
        except WebDriverException:
            service.stop()
            if not again:
                raise
    raise AssertionError


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

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Ask or write the database while the server answers nobody. Inside, ask the browser for nothing."""
        with _turn:
            yield

    def leave(self) -> None:
        """Go away from every page and leave nothing behind, nor a request on the way."""
        self.driver.get("about:blank")
        self.driver.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": self.url, "storageTypes": "all"})
        self.driver.delete_all_cookies()
        self.driver.get_log("browser")
        with self.alone():
            pass

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
    found.leave()


@pytest.fixture
def hands(browser) -> Hands:
    """Somebody's hands and eyes at the browser."""
    return Hands(browser)


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
