"""The built decks in a real Chromium without a network, and their build."""

import contextlib
import os
import re
import zlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

import build_slides as build

sync_api = pytest.importorskip("playwright.sync_api")

HANG = 600_000  # milliseconds: what takes so long never ends, on any machine
sync_api.expect.set_options(timeout=HANG)
SLIDES = Path(__file__).parents[1] / "slides"
STORED = sorted(SLIDES.glob("[0-9][0-9]_*.html"))

# What is wrong with the slide on show: lengths in pixels of 1280 x 720.
MEASURE = r"""
textSizes => {
  const slide = document.querySelector("svg.bespoke-marp-active section")
  const frame = slide.getBoundingClientRect()
  const scale = frame.width / 1280
  const style = getComputedStyle(slide)
  const side = name => parseFloat(style["padding" + name])
                       + parseFloat(style[`border${name}Width`])
  const room = {
    left: side("Left"), right: 1280 - side("Right"),
    top: side("Top"), bottom: 720 - side("Bottom"),
  }
  const box = element => {
    const rect = element.getBoundingClientRect()
    return {
      left: (rect.left - frame.left) / scale,
      right: (rect.right - frame.left) / scale,
      top: (rect.top - frame.top) / scale,
      bottom: (rect.bottom - frame.top) / scale,
    }
  }
  const name = element => `${element.localName} "` +
    (element.alt || element.textContent.trim()).slice(0, 30) + '"'
  const wrong = []
  const content = [...slide.querySelectorAll("*")].filter(
    element => !element.closest("footer"))

  for (const element of content) {
    const {left, right, top, bottom} = box(element)
    if (left < room.left - 2 || right > room.right + 2 ||
        top < room.top - 2 || bottom > room.bottom + 2)
      wrong.push(`${name(element)} does not fit`)
    const clips = getComputedStyle(element).overflow !== "visible"
    if (clips && (element.scrollWidth > element.clientWidth + 1 ||
                  element.scrollHeight > element.clientHeight + 1))
      wrong.push(`${name(element)} is cut off`)
  }
  for (const code of slide.querySelectorAll("pre code")) {
    const shown = code.getBoundingClientRect().width / scale
    if (Math.abs(shown - code.offsetWidth) > 2)
      wrong.push(`${name(code)} is shrunk`)
  }
  for (const image of slide.querySelectorAll("img")) {
    if (!image.complete || !image.naturalWidth) {
      wrong.push(`${name(image)} does not load`)
      continue
    }
    const {left, right, top, bottom} = box(image)
    const grown = [(right - left) / image.naturalWidth,
                   (bottom - top) / image.naturalHeight]
    const contained = getComputedStyle(image).objectFit === "contain"
    if (!contained && Math.abs(grown[0] / grown[1] - 1) > 0.02)
      wrong.push(`${name(image)} is clipped or bent`)
    const times = Math.min(...grown)
    if (times * image.naturalWidth < 560 && times * image.naturalHeight < 300)
      wrong.push(`${name(image)} is small`)
    const letters = times * textSizes[image.getAttribute("src")]
    if (letters && letters < 20)
      wrong.push(`${name(image)} has text of ${letters.toFixed(1)} px`)
  }
  for (const formula of slide.querySelectorAll("mjx-container")) {
    if (formula.querySelector("merror, [data-mjx-error], [fill=red]"))
      wrong.push("a formula is broken")
    const svg = formula.querySelector("svg")
    const [width, unit] = svg.getAttribute("width").match(/[\d.]+|\D+$/g)
    const style = "position: absolute; width: 100ex"
    formula.insertAdjacentHTML("beforeend", `<span style="${style}"></span>`)
    const hundred = formula.lastChild.getBoundingClientRect().width
    formula.lastChild.remove()
    const shown = 100 * svg.getBoundingClientRect().width / hundred
    if (unit === "ex" && shown < 0.98 * width)
      wrong.push("a formula is shrunk")
  }

  const texts = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement
    const skipped = element.closest("mjx-container, footer")
    if (skipped || !texts.currentNode.data.trim()) continue
    const code = element.closest("pre")
    const size = parseFloat(getComputedStyle(element).fontSize)
    if (size < (code ? 24 : 28))
      wrong.push(`${name(element)} is set in ${size} px`)
    if (!element.closest("code") && texts.currentNode.data.includes("$"))
      wrong.push(`${name(element)} holds a raw formula`)
  }
  return [...new Set(wrong)]
}
"""


@pytest.fixture(scope="module")
def browser(require):
    """A Chromium that finds no host. `asked` is what pages asked of one."""
    chromium = require("chromium")
    rules = "--host-resolver-rules=MAP * ~NOTFOUND"
    asked = []

    def record(request):
        if not request.url.startswith(("file:", "data:", "blob:")):
            asked.append(request.url)

    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--disable-gpu", rules],
            timeout=HANG,
        )
        context = browser.new_context()
        context.set_default_timeout(HANG)
        context.on("request", record)
        yield SimpleNamespace(context=context, asked=asked)


@pytest.fixture
def page(browser):
    """A fresh page of that Chromium, as large as a slide."""
    page = browser.context.new_page()
    page.set_viewport_size({"width": 1280, "height": 720})
    yield page
    page.close()


def text_sizes(folder):
    """Return for each figure the pixels of its smallest text, 0 without.

    The build has noted it in the figure. None where it has not.
    """
    sizes = {}
    for path in folder.glob("figures/*.png"):
        with (
            contextlib.suppress(UnidentifiedImageError),
            Image.open(path) as png,
        ):
            noted = png.info.get("Smallest text")
            sizes[f"figures/{path.name}"] = noted and float(noted)
    return sizes


@pytest.mark.parametrize("png", sorted(SLIDES.glob("figures/*.png")))
def test_figures_say_how_small_their_text_is(png):
    """A figure that doesn't was built before the build noted it."""
    assert text_sizes(SLIDES)[f"figures/{png.name}"] is not None


def problems(page, html):
    """Page through a deck by keyboard; return {slide: what is wrong}."""
    sizes = text_sizes(html.parent)
    page.goto(html.as_uri())
    count = page.locator("svg[data-marpit-svg]").count()
    found = {}
    for number in range(1, count + 1):
        page.wait_for_function(
            "n => document.querySelectorAll('svg[data-marpit-svg]')[n - 1]"
            ".classList.contains('bespoke-marp-active')",
            arg=number,
        )
        if wrong := page.evaluate(MEASURE, sizes):
            found[number] = wrong
        page.keyboard.press("ArrowRight")
    return found


WIDE_FONT = """addEventListener("DOMContentLoaded", () =>
    document.head.insertAdjacentHTML("beforeend",
        "<style>section { font-family: DejaVu Sans !important }</style>"))"""


@pytest.mark.parametrize("html", STORED, ids=lambda path: path.stem)
def test_every_slide_fits_and_shows_all_it_has(page, browser, html):
    assert problems(page, html) == {}
    assert browser.asked == []


@pytest.mark.parametrize("html", STORED, ids=lambda path: path.stem)
def test_slides_fit_on_a_small_screen_and_in_a_wide_font(page, html):
    page.set_viewport_size({"width": 1024, "height": 576})
    page.add_init_script(WIDE_FONT)
    assert problems(page, html) == {}


def test_the_presenter_view_shows_the_notes(page, browser):
    page.goto(STORED[0].as_uri())
    with browser.context.expect_page() as opened:
        page.keyboard.press("p")
    notes = opened.value.locator(".bespoke-marp-note.active")
    first = notes.inner_text()
    assert " min" in first
    assert "\n" not in first.split("\n\n")[0]  # where the source breaks
    opened.value.keyboard.press("ArrowRight")
    sync_api.expect(notes).not_to_have_text(first)
    page.wait_for_url("**#2")  # the audience's window follows
    opened.value.close()


@pytest.fixture
def marp(require):
    """The command that runs Marp; only CI installs it for this."""
    require("node")
    missing = not (SLIDES / "node_modules").is_dir()
    if missing and os.environ.get("CI") != "true":
        pytest.skip("needs Marp: run python tools/build_slides.py")
    return build.find_marp()


DECK = r"""---
marp: true
theme: course
math: mathjax
lang: en
paginate: true
footer: A deck
---

## Good

$$x^2 \tag{1}$$

Text, `code`, and

![a figure](figures/a.png)

```python
print("good")
```
"""
FAULTS = [  # what is said of a slide, and the slide
    ("does not fit", "A line\n\n" * 12),
    ("does not fit", "```python\n# " + "long" * 25 + "\n```"),
    ("is cut off", '<p style="height: 50px; overflow: hidden">A<br>B</p>'),
    ("is shrunk", '<pre style="zoom: 0.5"><code>x = 1</code></pre>'),
    ("is set in 20 px", '<span style="font-size: 20px">small</span>'),
    ("does not load", "![gone](figures/gone.png)"),
    ("is small", '<img src="figures/a.png" style="width: 200px">'),
    ("has text of 19.8 px", "![small](figures/small.png)"),
    (
        "is clipped",
        '<img src="figures/a.png" style="object-fit: cover; height: 99px">',
    ),
    ("formula is broken", r"$\frac{1$"),
    ("formula is broken", r"$\nosuch{x}$"),
    ("holds a raw formula", "half of $x"),
    ("a formula is shrunk", "$$" + "x + " * 25 + "x$$"),
    ("does not fit", "$$" + "x + " * 25 + r"x \tag{2}$$"),
]


@pytest.fixture
def course(tmp_path):
    """A folder with the source of one good deck and its figure."""
    (tmp_path / "figures").mkdir()
    image = Image.new("L", (1136, 300), 200)  # as wide as shown
    for name, pixels in {"a": "26.7", "small": "19.8"}.items():
        size = PngInfo()
        size.add_text("Smallest text", pixels)
        image.save(tmp_path / "figures" / f"{name}.png", pnginfo=size)
    (tmp_path / "01_a_deck.md").write_text(DECK)
    return tmp_path


def test_each_fault_is_noticed_and_nothing_else(page, browser, marp, course):
    deck = course / "01_a_deck.md"
    gone = course / "figures" / "gone.png"
    gone.touch()
    faulty = "".join(f"\n---\n\n## Fault\n\n{text}\n" for _, text in FAULTS)
    deck.write_text(DECK + faulty + "\n---\n\n## Good\n")
    build.build(deck, marp)
    gone.unlink()
    found = problems(page, deck.with_suffix(".html"))
    assert list(found) == list(range(2, len(FAULTS) + 2))
    for (message, _), wrong in zip(FAULTS, found.values(), strict=True):
        assert any(message in line for line in wrong), (message, wrong)
    assert browser.asked == []


def test_a_request_to_another_host_is_noticed(page, browser, marp, course):
    deck = course / "01_a_deck.md"
    far = '<img src="https://example.org/a.png">'
    deck.write_text(DECK.replace("![a figure](figures/a.png)", far))
    build.build(deck, marp)
    assert "does not load" in problems(page, deck.with_suffix(".html"))[1][0]
    assert set(browser.asked) == {"https://example.org/a.png"}
    browser.asked.clear()


# The build


def run(folder, *arguments):
    """Run the build in a folder; return its message, None if all is well."""
    return build.main(list(arguments), folder)


def test_a_rebuild_changes_no_byte_and_check_sees_every_change(marp, course):
    html, deck = course / "01_a_deck.html", course / "01_a_deck.md"
    command = "run python tools/build_slides.py 01"
    assert run(course, "--check") == (
        f"slides/01_a_deck.html is missing: {command}"
    )
    assert run(course) is None
    first = html.read_bytes()
    assert b"unpkg" not in first
    html.unlink()
    assert run(course, "01") is None
    assert html.read_bytes() == first
    assert run(course, "--check") is None

    deck.write_text(DECK.replace("Good", "Better"))
    message = f"slides/01_a_deck.html does not match its source: {command}"
    assert run(course, "--check") == message
    deck.unlink()
    (course / "02_other.md").write_text(DECK)
    assert "02_other.html is missing" in run(course, "--check")
    assert "01_a_deck.html has no source" in run(course, "--check")


def test_pdf_holds_every_slide(marp, require, course, monkeypatch):
    require("chromium")
    monkeypatch.setenv("PUPPETEER_TIMEOUT", str(HANG))  # Marp sets less
    (course / "01_a_deck.md").write_text(DECK + "\n---\n\n## Another\n")
    assert run(course, "--pdf") is None
    pdf = (course / "01_a_deck.pdf").read_bytes()
    packed = re.findall(rb"/ObjStm.*?stream\r?\n(.*?)endstream", pdf, re.S)
    objects = b"".join(map(zlib.decompress, packed))
    assert len(re.findall(rb"/Type /Page\b", objects)) == 2


def test_errors_say_what_to_do(marp, course, monkeypatch):
    assert "'07'; there are: 01" in run(course, "07")
    (course / "figures" / "a.png").unlink()
    assert "figures/a.png, which does not exist" in run(course)
    monkeypatch.setenv("PATH", "")
    assert "needs Node.js" in run(course) and "apt install" in run(course)
