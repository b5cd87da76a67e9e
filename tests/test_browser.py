"""Sliders and formulas in a real JupyterLab, as a learner meets them."""

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect

ROOT = Path(__file__).parents[1]
LEARNERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
WITH_SLIDERS = [p for p in LEARNERS if "explorer(" in p.read_text("utf-8")]

# What the kernels run first. Here the question is whether cells and sliders
# work, not what a model learns: a twentieth of the training will do.
SHORT = """
import ast
from course_lib import training

class NoAssertions(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()

def fit(*args, steps, **options):
    return full(*args, steps=min(steps, max(40, steps // 20)), **options)

full, training.fit = training.fit, fit
get_ipython().ast_transformers.append(NoAssertions())
"""


@contextmanager
def jupyterlab(own, folder):
    """Serve a folder; yield URL and token. Settings and log are in `own`."""
    news = own / "@jupyterlab" / "apputils-extension"
    news.mkdir(parents=True)
    (news / "notification.jupyterlab-settings").write_text(
        '{"fetchNews": "false", "checkForUpdates": false}'
    )
    start_up = own / "profile_default" / "startup"
    start_up.mkdir(parents=True)
    (start_up / "short.py").write_text(SHORT)
    kinds = "_CONFIG", "_DATA", "_RUNTIME", "LAB_SETTINGS", "LAB_WORKSPACES"
    env = {f"JUPYTER{kind}_DIR": str(own) for kind in kinds}
    env |= {"IPYTHONDIR": str(own), "PYTHONPATH": str(ROOT)}
    env["JUPYTER_TOKEN"] = token = secrets.token_hex()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser"]
    command += ["--ip=127.0.0.1", "--port=0", f"--notebook-dir={folder}"]
    command += ["--LabApp.expose_app_in_browser=True"]
    command += ["--LabApp.extension_manager=readonly"]
    command += ["--allow-root"] if os.geteuid() == 0 else []
    log = own / "log"
    with log.open("w") as stream:
        server = subprocess.Popen(
            command,
            env=os.environ | env,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    url = re.compile(r"http://127\S+/(?=lab\b)")
    end = time.monotonic() + 120
    try:
        while not (found := url.search(log.read_text())):
            ended = server.poll() is not None or time.monotonic() > end
            assert not ended, f"no JupyterLab:\n{log.read_text()}"
            time.sleep(0.1)
        yield found[0], token
    finally:
        os.killpg(server.pid, signal.SIGTERM)  # it then ends its kernels
        try:
            server.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


@pytest.fixture(scope="module")
def lab(require, tmp_path_factory):
    """A JupyterLab, shown in Chromium.

    page: the browser's page; folder: what JupyterLab serves
    outside: what the page asked of other hosts, in vain
    """
    chromium = require("chromium")
    own, folder = map(tmp_path_factory.mktemp, ["jupyter", "served"])
    with (
        jupyterlab(own, folder) as (url, token),
        sync_api.sync_playwright() as playwright,
    ):
        rules = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--disable-gpu", rules]
        )
        page = browser.new_page()
        page.set_default_timeout(30_000)
        local = url, url.replace("http", "ws"), "data:", "blob:"
        outside = []

        def record(request):
            if not request.url.startswith(local):
                outside.append(request.url)

        page.on("request", record)
        page.on("websocket", record)
        page.goto(f"{url}lab?token={token}")
        started = "window.jupyterapp?.restored.then(() => true)"
        wait(page, started, "JupyterLab doesn't start")
        yield SimpleNamespace(page=page, folder=folder, outside=outside)


def wait(page, condition, failure, arg=None, seconds=120):
    """Wait until JavaScript returns something true, and return it."""
    timeout = 1000 * seconds
    try:
        done = page.wait_for_function(condition, arg=arg, timeout=timeout)
    except sync_api.TimeoutError:
        raise AssertionError(f"after {seconds} s, {failure}") from None
    return done.json_value()


def show(lab, name, kernel):
    """Open a notebook, with a kernel or without; return its panel."""
    opened = """options => jupyterapp.commands
        .execute('docmanager:open', options)
        .then(tab => (window.tab = tab).context.ready)
        .then(() => tab.id)"""
    options = {"path": name, "kernelPreference": {"shouldStart": kernel}}
    panel = wait(lab.page, opened, f"{name} doesn't open", arg=options)
    return lab.page.locator(f"[id='{panel}']")


def run_all(lab, name):
    """Open a notebook and run its cells; return its panel."""
    panel = show(lab, name, kernel=True)
    run = """tab.sessionContext.ready
        .then(() => jupyterapp.commands.execute('notebook:run-all-cells'))
        .then(() => true)"""
    wait(lab.page, run, "the cells still run", seconds=300)
    outputs = "[...tab.content.model.cells].flatMap(c => c.outputs?.toJSON())"
    for output in filter(None, lab.page.evaluate(outputs)):
        assert output["output_type"] != "error", output["evalue"]
    return panel


@contextmanager
def change(slider, picture):
    """Fail unless the slider's readout and the picture change."""
    readout = slider.locator(".widget-readout")
    text, pixels = readout.inner_text(), picture.screenshot()
    yield
    expect(readout).not_to_have_text(text)
    end = time.monotonic() + 5
    label = slider.inner_text()
    while picture.screenshot() == pixels:
        assert time.monotonic() < end, f"no new picture: {label}"


def explore(explorer):
    """Move each slider by keyboard and by mouse; return their answers."""
    picture = explorer.locator("img.widget-image")
    answers = []
    for slider in explorer.locator(".widget-slider").all():
        label = slider.locator(".widget-label")
        expect(label).to_have_text(re.compile(r"\S"))  # may come late
        handle = slider.get_by_role("slider")
        with change(slider, picture):
            handle.press("End")
        with change(slider, picture):
            handle.drag_to(label)  # to its left end
        answers += [answer(handle, picture) for _ in range(10)]
    assert answers, "no sliders"
    return answers


def answer(handle, picture):
    """Press a key on a slider; return the time to the picture, in ms."""
    press = """(handle, picture) => new Promise((answered, failed) => {
        const begin = performance.now()
        picture.onload = () => answered(performance.now() - begin)
        setTimeout(() => failed('no new picture'), 5000)
        handle.dispatchEvent(new KeyboardEvent('keydown', {key: 'PageUp'}))
    })"""
    return handle.evaluate(press, picture.element_handle())


DECODER = """
import torch
from course_lib.widgets import latent_explorer

def decode(z):
    ramp = torch.linspace(-1, 1, 8).expand(1, 1, 8, 8)
    return 0.5 + (z[0, 0] + z[0, 1] * ramp) / 12
"""


def explore_new(lab, name, decoder):
    """Make, run and explore a notebook with one explorer."""
    call = "latent_explorer(decode, [(-3, 3), (-3, 3)])"
    notebook = new_notebook(
        cells=[new_code_cell(decoder), new_code_cell(call)],
        metadata={"kernelspec": {"name": "python3", "display_name": ""}},
    )
    nbformat.write(notebook, lab.folder / name)
    return explore(run_all(lab, name))


def test_sliders_work_by_keyboard_and_by_mouse(lab):
    assert len(explore_new(lab, "good.ipynb", DECODER)) == 20
    assert lab.outside == []


def test_a_picture_that_stays_is_noticed(lab):
    broken = DECODER.replace("    ramp", "    z[0, 0] <= 0 or 1 / 0\n    ramp")
    with pytest.raises(AssertionError, match="no new picture: z1"):
        explore_new(lab, "broken.ipynb", broken)


def test_a_cell_that_fails_is_noticed(lab):
    with pytest.raises(AssertionError, match="division by zero"):
        explore_new(lab, "fails.ipynb", DECODER + "1 / 0")


def explorers(lab):
    """Yield the widget cells of the open notebook, scrolled into view."""
    cells = """[...tab.content.model.cells].flatMap((cell, i) =>
        cell.sharedModel.source.includes('explorer(') ? [i] : [])"""
    for index in lab.page.evaluate(cells):
        there = """i => tab.content.scrollToItem(i, 'start').then(() => {
            tab.content.widgets[i].node.id = `explorer-${i}` })"""
        lab.page.evaluate(there, index)
        yield lab.page.locator(f"#explorer-{index}")


@pytest.mark.parametrize("path", WITH_SLIDERS, ids=lambda path: path.stem)
def test_the_sliders_of_a_lesson(lab, path):
    shutil.copy(path, lab.folder)
    run_all(lab, path.name)
    answers = [explore(explorer) for explorer in explorers(lab)]
    lab.page.evaluate("() => tab.sessionContext.shutdown()")
    assert answers and lab.outside == []
    busy = os.getloadavg()[0] > os.cpu_count() + 1  # then times say little
    for times in answers:
        print(f"answers after {min(times):.0f}, {median(times):.0f} (median),")
        print(f"{max(times):.0f} ms{' on a busy machine' * busy}")
        assert busy or min(times) < 150


def test_a_request_to_another_host_is_noticed(lab):
    lab.page.evaluate("fetch('https://example.org').catch(() => 0)")
    assert lab.outside.pop() == "https://example.org/"


def unreadable(lab, path):
    """Return the formulas of a stored notebook that don't show.

    MathJax marks errors, writes unknown commands in red, and leaves
    formulas alone whose braces or dollars are unbalanced.
    """
    shutil.copy(path, lab.folder)
    panel = show(lab, path.name, kernel=False)
    cells = nbformat.read(path, as_version=4).cells
    texts = [cell for cell in cells if cell.cell_type == "markdown"]
    rendered = panel.locator(".jp-RenderedMarkdown:not(:empty)")
    # cells are drawn when the browser is idle: late on a busy machine
    expect(rendered).to_have_count(len(texts), timeout=240_000)
    raw = "xpath=.//*[text()[contains(., '$')]][not(ancestor-or-self::code)]"
    wrong = rendered.locator("merror, mtext[mathcolor]")
    wrong = wrong.or_(rendered.locator(raw))
    with suppress(AssertionError):  # all are raw at first
        expect(wrong).to_have_count(0)
    assert rendered.locator("mjx-container").count() > 0
    return wrong.all_text_contents()


@pytest.mark.parametrize("path", LEARNERS, ids=lambda path: path.stem)
def test_lessons_show_their_formulas(lab, path):
    assert unreadable(lab, path) == []


def test_unreadable_formulas_are_noticed(lab, tmp_path):
    good = [r"$\frac{1}{2}$", "`$$`", "    $x", r"$$x \tag{1}$$"]
    bad = [r"$\frac{1$", r"$\begin{aligned} x$", r"$x \nosuch$", "$$x"]
    notebook = new_notebook(cells=[new_markdown_cell(s) for s in good + bad])
    nbformat.write(notebook, tmp_path / "formulas.ipynb")
    found = unreadable(lab, tmp_path / "formulas.ipynb")
    assert found == [bad[0], bad[1].strip("$"), r"\nosuch", bad[3]]
