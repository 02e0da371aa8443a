"""The built book, served on this machine alone, and a browser to look at it."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import threading
from pathlib import Path

import pytest

BUILT = Path(__file__).parents[2] / "_build" / "html"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def site():
    if not (BUILT / "index.html").exists():
        pytest.skip("the book is not built: make book")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(BUILT)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def browser():
    found = (os.environ.get("CHROMIUM"), *map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    path = next(filter(None, found), None)
    if path is None:
        pytest.skip("needs Chromium: apt-get install chromium, or set CHROMIUM to where it is")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser):
    """A page of its own, which notes what it asks other servers for and what goes wrong in it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.outside, page.complaints = [], []
    page.on(
        "request", lambda r: page.outside.append(r.url) if not r.url.startswith(("http://127.0.0.1", "data:")) else 0
    )
    page.on("console", lambda m: page.complaints.append(m.text) if m.type in ("error", "warning") else 0)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    context.close()
