"""The built pages as a reader has them: no network, no kernel, sliders that move."""

from __future__ import annotations

import re

import pytest

from .conftest import BUILT

pytestmark = pytest.mark.browser
PAGES = sorted(path.relative_to(BUILT).as_posix() for path in BUILT.glob("book/*.html"))
WITH_EXPLORER = [name for name in PAGES if 'type="application/json" id="explorer-' in (BUILT / name).read_text()]


def test_there_are_pages():
    assert PAGES or not BUILT.exists()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_asks_nobody_and_complains_of_nothing(page, site, name, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{site}/{name}", wait_until="networkidle")
    assert page.outside == []
    assert page.complaints == []


@pytest.mark.parametrize("name", PAGES)
def test_formulas_are_set(page, site, name):
    page.goto(f"{site}/{name}", wait_until="networkidle")
    assert page.locator(".math").count() == page.locator(".math mjx-container").count()
    text = "\n".join(page.locator("article p, article li, article td").all_inner_texts())
    assert not re.findall(r"\$\\?\w[^$\n]*\$", text)  # none is left as it was typed


@pytest.mark.parametrize("name", PAGES)
def test_fits_a_phone(page, site, name):
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{site}/{name}", wait_until="networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def at_its_end(slider):
    return slider.input_value() == slider.get_attribute("max")


@pytest.mark.parametrize("name", WITH_EXPLORER)
def test_a_moved_slider_changes_picture_sentence_and_address(page, site, name):
    page.goto(f"{site}/{name}", wait_until="networkidle")
    explorer = page.locator(".ccdni").first
    sliders, picture, say = (
        explorer.locator("input[type=range]"),
        explorer.locator("svg").first,
        explorer.locator(".say"),
    )
    for index in range(sliders.count()):
        slider = sliders.nth(index)
        before = picture.inner_html(), say.inner_text()
        slider.focus()
        page.keyboard.press("ArrowLeft" if at_its_end(slider) else "ArrowRight")
        shown = explorer.locator("output").nth(index).inner_text()
        assert slider.get_attribute("aria-valuetext") == shown
        assert (picture.inner_html(), say.inner_text()) != before
        assert re.search(rf"[?&][\w-]+\.\w+={shown.split()[0]}\b", page.url)
    assert page.complaints == []


@pytest.mark.parametrize("name", WITH_EXPLORER)
def test_an_address_brings_back_what_was_seen(page, site, name):
    page.goto(f"{site}/{name}", wait_until="networkidle")
    slider = page.locator(".ccdni input[type=range]").first
    slider.focus()
    page.keyboard.press("Home" if at_its_end(slider) else "End")
    seen, address = page.locator(".ccdni .say").first.inner_text(), page.url
    page.goto(f"{site}/{name}", wait_until="networkidle")
    assert page.locator(".ccdni .say").first.inner_text() != seen
    page.goto(address, wait_until="networkidle")
    assert page.locator(".ccdni .say").first.inner_text() == seen


@pytest.mark.parametrize("name", WITH_EXPLORER)
def test_without_javascript_there_is_a_still_picture(browser, site, name):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/{name}")
    assert page.locator(".ccdni-explorer svg[role=img]").first.is_visible()
    context.close()


@pytest.mark.parametrize("name", WITH_EXPLORER)
def test_every_picture_has_words(page, site, name):
    page.goto(f"{site}/{name}", wait_until="networkidle")
    labels = [picture.get_attribute("aria-label") for picture in page.locator(".cell_output svg[role=img]").all()]
    assert labels
    assert all(label and len(label) > 30 for label in labels)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_take_the_colour_of_the_page(browser, site, scheme):
    name = next((name for name in WITH_EXPLORER if "line_drawing" in name), None) or pytest.skip("no such page")
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{site}/{name}", wait_until="networkidle")
    for letters in (".ccdni svg text", ".cell_output > .output svg[role=img] > g text"):
        color = page.locator(letters).first.evaluate("element => getComputedStyle(element).fill")
        brightness = sum(map(int, re.findall(r"\d+", color)[:3]))
        assert brightness < 250 if scheme == "light" else brightness > 450
    context.close()
