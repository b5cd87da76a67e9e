"""The badges "Open in Colab" and "launch binder", for `standalone`."""

import re
from urllib.parse import quote


def make_badges(address, name):
    """Return two badges for a notebook that lies in a folder on GitHub.

    address: https://github.com/OWNER/NAME/tree/BRANCH/FOLDER, as the browser
        shows it; without /tree/..., the top folder of the branch main
    """
    pattern = r"https://github\.com/([^/]+/[^/]+?)(?:\.git|/tree/([^/]+)(.*))?"
    found = re.fullmatch(pattern, address.rstrip("/"))
    if not found:
        raise ValueError(
            f"{address} is no folder on GitHub; expected an address such as "
            f"https://github.com/OWNER/NAME/tree/BRANCH/FOLDER"
        )
    repository, branch, folder = found[1], found[2] or "main", found[3] or ""
    path = quote(f"{folder}/{name}".lstrip("/"))
    links = {
        "Open in Colab": (
            "https://colab.research.google.com/assets/colab-badge.svg",
            f"https://colab.research.google.com/github/{repository}/blob/"
            f"{branch}/{path}",
        ),
        "launch binder": (
            "https://mybinder.org/badge_logo.svg",
            f"https://mybinder.org/v2/gh/{repository}/{branch}"
            f"?urlpath=lab/tree/{path}",
        ),
    }
    return " ".join(
        f"[![{text}]({image})]({link})"
        for text, (image, link) in links.items()
    )
