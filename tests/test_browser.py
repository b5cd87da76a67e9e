"""Sliders, formulas and progress bars in a real JupyterLab, as a learner
meets them.
"""

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect

ROOT = Path(__file__).parents[1]
LEARNERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
HANG = 600  # seconds: what takes so long never ends, on any machine
expect.set_options(timeout=1000 * HANG)
WITH_SLIDERS = [p for p in LEARNERS if "explorer(" in p.read_text("utf-8")]

# What runs before a lesson. Here the question is whether its sliders work,
# not what a model learns: a twentieth of the training will do.
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
    end = time.monotonic() + HANG
    try:
        while not (found := url.search(log.read_text())):
            ended = server.poll() is not None or time.monotonic() > end
            assert not ended, f"no JupyterLab:\n{log.read_text()}"
            time.sleep(0.1)
        yield found[0], token
    finally:
        os.killpg(server.pid, signal.SIGTERM)  # it then ends its kernels
        try:
            server.wait(HANG)
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
            executable_path=chromium,
            args=["--disable-gpu", rules],
            timeout=1000 * HANG,
        )
        page = browser.new_page()
        page.set_default_timeout(1000 * HANG)
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


@pytest.fixture(autouse=True)
def close_tabs(lab):
    """Close what a test has opened: many open notebooks are slow to draw."""
    yield
    tabs = "[...jupyterapp.shell.widgets('main')].forEach(t => t.dispose())"
    lab.page.evaluate(tabs)


def wait(page, condition, failure, arg=None):
    """Wait until JavaScript returns something true, and return it."""
    try:
        done = page.wait_for_function(condition, arg=arg)
    except sync_api.TimeoutError:
        raise AssertionError(f"after {HANG} s, {failure}") from None
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


def run_all(lab, name, cells):
    """Write a notebook of cells, open it and run them; return its panel."""
    metadata = {"kernelspec": {"name": "python3", "display_name": ""}}
    notebook = new_notebook(cells=cells, metadata=metadata)
    nbformat.write(notebook, lab.folder / name)
    panel = show(lab, name, kernel=True)
    run = """tab.sessionContext.ready.then(LISTEN)
        .then(() => jupyterapp.commands.execute('notebook:run-all-cells'))
        .then(() => true)""".replace("LISTEN", LISTEN)
    wait(lab.page, run, "the cells still run")
    for output in outputs(lab):
        assert output["output_type"] != "error", output["evalue"]
    return panel


def outputs(lab):
    """Return all outputs of the open notebook."""
    found = "[...tab.content.model.cells].flatMap(c => c.outputs?.toJSON())"
    return [output for output in lab.page.evaluate(found) if output]


# Keep the ids of the messages that the kernel has not dealt with as yet. It
# is idle after each, and this signal comes when all before it is handled. (To
# ask it a question would not do: widgets talk with a thread of its own.)
LISTEN = """() => {
    const {kernel} = tab.sessionContext.session
    window.unanswered = new Set()
    kernel.anyMessage.connect((_, {msg, direction}) => {
        if (direction === 'send') unanswered.add(msg.header.msg_id)
    })
    kernel.iopubMessage.connect((_, msg) => {
        if (msg.content.execution_state === 'idle')
            unanswered.delete(msg.parent_header.msg_id)
    })
}"""


def wait_for_kernel(page):
    """Wait until the kernel has dealt with all that widgets have told it."""
    wait(page, "() => unanswered.size === 0", "the kernel doesn't answer")


@contextmanager
def change(slider, picture):
    """Fail unless the slider's readout and the picture change."""
    readout = slider.locator(".widget-readout")
    text, pixels = readout.inner_text(), picture.screenshot()
    yield
    wait_for_kernel(picture.page)
    label = slider.inner_text()
    assert readout.inner_text() != text, f"no new number: {label}"
    picture.evaluate("picture => picture.decode()")
    assert picture.screenshot() != pixels, f"no new picture: {label}"


def explore(explorer):
    """Move each slider by keyboard and by mouse; return how many there are."""
    picture = explorer.locator("img.widget-image")
    sliders = explorer.locator(".widget-slider").all()
    for slider in sliders:
        label = slider.locator(".widget-label")
        expect(label).to_have_text(re.compile(r"\S"))  # may come late
        handle = slider.get_by_role("slider")
        with change(slider, picture):
            handle.press("End")
        with change(slider, picture):
            handle.drag_to(label)  # to its left end
        for _ in range(3):  # at each key there is a new picture
            before = picture.get_attribute("src")
            handle.press("PageUp")
            wait_for_kernel(picture.page)
            said = slider.inner_text()
            assert picture.get_attribute("src") != before, said
    return len(sliders)


DECODER = """
import torch
from course_lib.widgets import latent_explorer

def decode(z):
    ramp = torch.linspace(-1, 1, 8).expand(1, 1, 8, 8)
    return 0.5 + (z[0, 0] + z[0, 1] * ramp) / 12

latent_explorer(decode, [(-3, 3), (-3, 3)])
"""
BROKEN = DECODER.replace("    ramp", "    z[0, 0] <= 0 or 1 / 0\n    ramp")


def explorers(lab):
    """Yield the widget cells of the open notebook, scrolled into view."""
    cells = """[...tab.content.model.cells].flatMap((cell, i) =>
        cell.sharedModel.source.includes('explorer(') ? [i] : [])"""
    for index in lab.page.evaluate(cells):
        there = """i => tab.content.scrollToItem(i, 'start').then(() => {
            tab.content.widgets[i].node.id = `explorer-${i}` })"""
        lab.page.evaluate(there, index)
        yield lab.page.locator(f"#explorer-{index}")


def test_sliders_work_and_a_picture_that_stays_is_noticed(lab):
    run_all(lab, "two.ipynb", [new_code_cell(s) for s in (DECODER, BROKEN)])
    good, broken = explorers(lab)
    assert explore(good) == 2
    with pytest.raises(AssertionError, match="no new picture: z1"):
        explore(broken)
    lab.page.evaluate("() => tab.sessionContext.shutdown()")
    assert lab.outside == []


def test_a_cell_that_fails_is_noticed(lab):
    with pytest.raises(AssertionError, match="division by zero"):
        run_all(lab, "fails.ipynb", [new_code_cell("1 / 0")])
    lab.page.evaluate("() => tab.sessionContext.shutdown()")


@pytest.mark.parametrize("path", WITH_SLIDERS, ids=lambda path: path.stem)
def test_the_sliders_of_a_lesson(lab, path):
    """nbval runs all cells; here the last ones with sliders are the end."""
    cells = nbformat.read(path, as_version=4).cells
    while "explorer(" not in cells[-1].source:
        cells.pop()
    run_all(lab, f"sliders-{path.name}", [new_code_cell(SHORT), *cells])
    found = [explore(explorer) for explorer in explorers(lab)]
    lab.page.evaluate("() => tab.sessionContext.shutdown()")
    assert found and all(found)
    assert lab.outside == []


# Three progress bars: of a training with several updates, of one that ends
# before the first, and one that a failure would leave.
BARS = [
    """
import os
del os.environ["TQDM_DISABLE"]  # before tqdm is imported

import itertools, time, torch
from types import SimpleNamespace
from tqdm.auto import tqdm
from course_lib import training

def squared(model, x):
    return {"loss": (model(x) - x).square().sum(1)}

x = torch.rand(50, 3)
""",
    """
ticks = itertools.count(0, 0.2)  # seconds
training.time = SimpleNamespace(perf_counter=ticks.__next__)
history = training.fit(torch.nn.Linear(3, 3), squared, x, steps=20)
""",
    """
training.time = time
history = training.fit(torch.nn.Linear(3, 3), squared, x, steps=20)
""",
    """
bar = tqdm(total=2, leave=False)
bar.update()
bar.close()
""",
]


def test_a_training_that_succeeds_leaves_no_progress_bar(lab):
    """And the red one that is left shows that it would be seen."""
    panel = run_all(lab, "bars.ipynb", [new_code_cell(s) for s in BARS])
    wait_for_kernel(lab.page)
    widget = "application/vnd.jupyter.widget-view+json"
    shown = [output for output in outputs(lab) if widget in output["data"]]
    assert len(shown) == 3
    cells = panel.locator(".jp-CodeCell")
    failed = cells.last.locator(".progress-bar")
    expect(failed).to_have_class(re.compile("progress-bar-danger"))
    assert panel.locator(".progress-bar").count() == 1
    for trained in cells.nth(1), cells.nth(2):
        left = trained.locator(".jp-OutputArea")
        assert left.inner_text().strip() == ""
        assert left.locator(".jupyter-widgets").count() == 0
    lab.page.evaluate("() => tab.sessionContext.shutdown()")


def test_a_request_to_another_host_is_noticed(lab):
    lab.page.evaluate("fetch('https://example.org').catch(() => 0)")
    assert lab.outside.pop() == "https://example.org/"


# Typesetting a copy of a cell adds no formula to it: MathJax is done. It
# comes late, when all formulas are raw as yet.
TYPESET = """async () => {
    const {latexTypesetter} = tab.content.rendermime
    const count = node => node.querySelectorAll('mjx-container').length
    for (const cell of tab.node.querySelectorAll('.jp-RenderedMarkdown')) {
        const copy = cell.cloneNode(true)
        await latexTypesetter.typeset(copy)
        if (count(copy) !== count(cell)) return false
    }
    return true
}"""


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
    expect(rendered).to_have_count(len(texts))
    wait(lab.page, TYPESET, "formulas are not typeset")
    raw = "xpath=.//*[text()[contains(., '$')]][not(ancestor-or-self::code)]"
    wrong = rendered.locator("merror, mtext[mathcolor]")
    wrong = wrong.or_(rendered.locator(raw))
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
