"""Build the slides: slides/NN_*.md become slides/NN_*.html.

    python tools/build_slides.py           build every deck
    python tools/build_slides.py 01 05     build the decks of lessons 01 and 05
    python tools/build_slides.py --pdf 01  write slides/01_*.pdf too
    python tools/build_slides.py --check   does the HTML match its source?

A deck is written in Markdown for Marp. Marp needs Node.js, and is installed
into slides/node_modules when it is first needed, in the version that
slides/package.json names. To *show* a deck, no part of this is needed.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from files import BuildError, find, options, write

SLIDES = Path(__file__).resolve().parents[1] / "slides"
NO_NODE = """\
building the slides needs Node.js 18 or later, and {} was not found:
  Debian, Ubuntu  sudo apt install nodejs npm
  macOS           brew install node
  Windows         winget install OpenJS.NodeJS.LTS
  conda           conda install nodejs
To show slides you need only a browser: open slides/NN_*.html."""
IMAGE = re.compile(r"!\[.*?\]\((.*?)\)")
NOTE = re.compile(r'<div class="bespoke-marp-note".*?</div>', re.S)
LINE_END = re.compile(r"(?<=\S)\n(?=\S)")  # but not an empty line


# The tools


def find_program(name):
    """Return the path of node or npm."""
    path = shutil.which(name)
    if path is None:
        raise BuildError(NO_NODE.format(name))
    return path


def run(command):
    """Run a command in slides/ and return what it prints."""
    done = subprocess.run(
        command, cwd=SLIDES, capture_output=True, encoding="utf-8"
    )
    if done.returncode:
        name = " ".join(map(str, command))
        raise BuildError(f"{name} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def find_marp():
    """Return the command that runs Marp; install it if need be."""
    node = find_program("node")
    package = json.loads((SLIDES / "package.json").read_text())
    (name, wanted), *_ = package["dependencies"].items()
    folder = SLIDES / "node_modules" / name
    try:
        installed = json.loads((folder / "package.json").read_text())
    except FileNotFoundError:
        installed = {"version": None}
    if installed["version"] != wanted:
        print(f"Installing {name} {wanted} into slides/node_modules")
        run([find_program("npm"), "ci", "--no-audit", "--no-fund"])
    return [node, folder / "marp-cli.js", "--no-config-file", "--no-stdin"]


# Building


def convert(marp, deck, *extra):
    """Run Marp on a deck."""
    for name in IMAGE.findall(deck.read_text(encoding="utf-8")):
        if not (deck.parent / name).is_file():
            raise BuildError(f"{deck.name} shows {name}, which does not exist")
    theme = ["--theme-set", SLIDES / "theme.css", "--html"]
    return run([*marp, *theme, *extra, deck])


def render(marp, deck):
    """Return a deck's HTML; the same source gives the same bytes."""
    html = convert(marp, deck, "--output", "-")
    # the presenter view would break a note's lines where the source does
    html = NOTE.sub(lambda note: LINE_END.sub(" ", note[0]), html)
    # where Marp's licence lies: in its package, not at a host
    return html.replace("https://unpkg.com/", "npm:")


def build(deck, marp, pdf=False):
    """Write a deck's HTML, and its PDF if it is asked for."""
    target = deck.with_suffix(".html")
    write(target, render(marp, deck).encode())
    print(f"slides/{target.name}")
    if pdf:
        target = deck.with_suffix(".pdf")
        local = ["--pdf", "--allow-local-files", "--output", target]
        convert(marp, deck, *local)
        print(f"slides/{target.name}")


# Checking


def check(decks, marp):
    """Yield one line for each HTML file that is not as its source says."""
    for deck in decks:
        html = deck.with_suffix(".html")
        if not html.exists():
            problem = "is missing"
        elif html.read_bytes() != render(marp, deck).encode():
            problem = "does not match its source"
        else:
            continue
        command = f"run python tools/build_slides.py {deck.name[:2]}"
        yield f"slides/{html.name} {problem}: {command}"


def find_orphans(folder=SLIDES):
    """Yield one line for each HTML file without a source."""
    for html in sorted(folder.glob("*.html")):
        if not html.with_suffix(".md").exists():
            yield f"slides/{html.name} has no source: delete it"


def main(arguments=None, folder=SLIDES):
    """Run the command line; return the message of a failure, or None."""
    chosen = options(__doc__, arguments, "--check", "--pdf")
    try:
        decks = find(folder, ".md", chosen.lessons)
        marp = find_marp()
        if chosen.check:
            orphans = [] if chosen.lessons else find_orphans(folder)
            return "\n".join([*check(decks, marp), *orphans]) or None
        for deck in decks:
            build(deck, marp, chosen.pdf)
    except BuildError as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main())
