"""Sliders and formulas in a real JupyterLab, as a learner meets them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

sync_api = pytest.importorskip("playwright.sync_api")

ROOT = Path(__file__).parents[1]
LEARNERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
HELPERS = """
const tab = () => jupyterapp.shell.currentWidget;
const cells = type => tab().content.widgets.filter(c => c.model.type === type);
const run = (command, args) => void jupyterapp.commands.execute(command, args);
const idle = () => tab().sessionContext.isReady
  && tab().sessionContext.session?.kernel?.status === 'idle';

const errors = () => {  // of code cells; null while they run
  const models = cells('code').map(cell => cell.model);
  const found = models.flatMap(model => model.outputs.toJSON())
    .filter(output => output.output_type === 'error')
    .map(output => `${output.ename}: ${output.evalue}`);
  const ended = idle() && models.every(model => model.executionCount);
  return found.length || ended ? found : null;
};

const picture = () => {  // an explorer's pixels; null if none are seen
  const image = tab().node.querySelector('img.widget-image');
  if (!image?.naturalWidth || !image.checkVisibility()) return null;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  canvas.getContext('2d').drawImage(image, 0, 0);
  return canvas.toDataURL();
};

const texts = () => {  // markdown cells, less code; null before all show
  const shown = cells('markdown')
    .map(cell => cell.node.querySelector('.jp-RenderedMarkdown'));
  if (!shown.every(text => text?.hasChildNodes())) return null;
  const copies = shown.map(text => text.cloneNode(true));
  copies.forEach(copy => copy.querySelectorAll('code').forEach(
    code => code.remove()));
  return copies;
};
// MathJax marks errors, shows an unknown command in red, and does not touch
// formulas with unbalanced braces or dollars.
const BAD = 'mjx-merror, merror, [data-mjx-error], mtext[mathcolor]';
const unreadable = () => texts()
  .filter(text => text.querySelector(BAD) || text.textContent.includes('$'))
  .map(text => text.textContent.trim());
"""


def wait(page, condition, failure, arg=None, seconds=5):
    """Wait until a condition holds in the page, or raise the failure."""
    try:
        page.wait_for_function(condition, arg=arg, timeout=1000 * seconds)
    except sync_api.TimeoutError:
        message = f"{failure} (in {seconds} seconds)"
        raise AssertionError(message) from None


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
    command = [sys.executable, "-m", "jupyterlab", "--no-browser"]
    command += ["--ip=127.0.0.1", "--port=0", f"--notebook-dir={folder}"]
    command += ["--LabApp.expose_app_in_browser=True"]
    command += ["--LabApp.extension_manager=readonly"]
    command += ["--allow-root"] if os.geteuid() == 0 else []
    with (own / "log").open("w") as log:
        server = subprocess.Popen(
            command,
            env=os.environ | env,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    address = own / f"jpserver-{server.pid}.json"
    end = time.monotonic() + 30
    try:
        while True:
            with suppress(OSError, ValueError):  # not there, half written
                info = json.loads(address.read_text())
                break
            if server.poll() is not None or time.monotonic() > end:
                pytest.fail(f"no JupyterLab:\n{(own / 'log').read_text()}")
            time.sleep(0.1)
        yield info["url"], info["token"]
    finally:
        os.killpg(server.pid, signal.SIGTERM)  # it then ends its kernels
        try:
            server.wait(10)
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
        local = url, url.replace("http", "ws"), "data:", "blob:"
        outside = []

        def record(request):
            if not request.url.startswith(local):
                outside.append(request.url)

        page.on("request", record)
        page.on("websocket", record)
        page.goto(f"{url}lab?token={token}", timeout=30_000)
        started = "window.jupyterapp?.restored.then(() => true)"
        wait(page, started, "JupyterLab doesn't start", seconds=30)
        page.add_script_tag(content=HELPERS)
        yield SimpleNamespace(page=page, folder=folder, outside=outside)


def show(lab, name, kernel):
    """Open a notebook of the folder, with a kernel or without one."""
    preference = {"shouldStart": kernel}
    lab.page.evaluate(
        "args => run('docmanager:open', args)",
        {"path": name, "factory": "Notebook", "kernelPreference": preference},
    )
    ready = "name => tab()?.context?.path === name && tab().context.isReady"
    wait(lab.page, ready, f"{name} doesn't open", arg=name, seconds=15)


DECODER = """
import torch
from course_lib.widgets import latent_explorer

def decode(z):
    ramp = torch.linspace(-1, 1, 8).expand(1, 1, 8, 8)
    return torch.sigmoid(z[0, 0] + z[0, 1] * ramp)
"""


@contextmanager
def change(page, readout):
    """Fail unless the picture and the readout change."""
    pixels, text = page.evaluate("picture()"), readout.inner_text()
    yield
    new = "old => picture() && picture() !== old"
    wait(page, new, f"no new picture, from {text} on", arg=pixels)
    assert readout.inner_text() != text


def explore(lab, name, decoder=DECODER):
    """Run an explorer and move its sliders, by keyboard and by mouse."""
    page = lab.page
    call = "latent_explorer(decode, [(-3, 3), (-3, 3)])"
    notebook = new_notebook(
        cells=[new_code_cell(decoder), new_code_cell(call)],
        metadata={"kernelspec": {"name": "python3", "display_name": ""}},
    )
    nbformat.write(notebook, lab.folder / name)
    show(lab, name, kernel=True)
    wait(page, "idle()", "no kernel", seconds=30)
    page.evaluate("run('notebook:run-all-cells')")
    wait(page, "errors()", "the cells still run", seconds=60)
    assert page.evaluate("errors()") == []
    wait(page, "picture()", "no picture")
    for label in ["z1", "z2"]:
        slider = page.locator(".widget-slider:visible", has_text=label)
        readout = slider.locator(".widget-readout")
        with change(page, readout):
            slider.get_by_role("slider").press("ArrowRight", timeout=5000)
        with change(page, readout):
            slider.get_by_role("slider").drag_to(readout, timeout=5000)


def test_explorer_works_by_keyboard_and_by_mouse(lab):
    lab.outside.clear()
    explore(lab, "good.ipynb")
    assert lab.outside == []


@pytest.mark.parametrize(
    ("line", "failure"),
    [("z[0, 0] <= 0", "no new picture"), ("False", "AssertionError")],
)
def test_a_broken_explorer_is_noticed(lab, line, failure):
    broken = DECODER.replace("    ramp", f"    assert {line}\n    ramp")
    with pytest.raises(AssertionError, match=failure):
        explore(lab, f"{failure}.ipynb", broken)


def test_a_request_to_another_host_is_noticed(lab):
    lab.page.evaluate("fetch('https://example.org').catch(() => 0)")
    assert lab.outside.pop() == "https://example.org/"


def unreadable(lab, path):
    """Return the markdown of a stored notebook in which formulas fail."""
    shutil.copy(path, lab.folder)
    show(lab, path.name, kernel=False)
    wait(lab.page, "texts()", "not all cells are rendered", seconds=30)
    with suppress(AssertionError):  # "$" is there until MathJax is done
        wait(lab.page, "!unreadable().length", "")
    assert lab.page.locator("mjx-container:visible").count() > 0
    return lab.page.evaluate("unreadable()")


@pytest.mark.parametrize("path", LEARNERS, ids=lambda path: path.stem)
def test_lessons_show_their_formulas(lab, path):
    assert unreadable(lab, path) == []


def test_broken_formulas_are_noticed(lab, tmp_path):
    good = [r"$\frac{1}{2}$", "`$$`", "    $x", "$$x \\tag{1}$$"]
    bad = [r"$\frac{1$", "$x^2^3$", r"$\nosuch x$", "$$x", "$x$ and y$"]
    notebook = new_notebook(cells=[new_markdown_cell(s) for s in good + bad])
    nbformat.write(notebook, tmp_path / "formulas.ipynb")
    assert len(unreadable(lab, tmp_path / "formulas.ipynb")) == len(bad)
