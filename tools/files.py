"""What the builds share: sources by number, files in one step, commands."""

import argparse
import os


class BuildError(Exception):
    """What is wrong with a source or with the tools, and what to do."""


def find(folder, suffix, prefixes):
    """Return the lessons' files in a folder whose names start so.

    suffix: such as ".py"; prefixes: such as ["01", "05"], none for all
    Errors: BuildError where a prefix fits no file.
    """
    paths = sorted(folder.glob(f"[0-9][0-9]_*{suffix}"))
    for prefix in prefixes:
        if not any(path.stem.startswith(prefix) for path in paths):
            names = ", ".join(path.stem for path in paths)
            raise BuildError(f"no lesson {prefix!r}; there are: {names}")
    return [p for p in paths if p.stem.startswith(tuple(prefixes or [""]))]


def write(path, content):
    """Write bytes to a file in one step, or leave it alone if it has them."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def options(description, arguments, *flags):
    """Return the options of a build's command line: lessons and flags."""
    parser = argparse.ArgumentParser(
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("lessons", nargs="*", metavar="NN")
    for flag in flags:
        parser.add_argument(flag, action="store_true")
    return parser.parse_args(arguments)
