"""The data sets, against servers and folders that misbehave in each way.

A small fake MNIST stands in for the real one: its files, their MD5s and a
loopback server that serves them. No test needs a network, and none measures
time: waits end at an event, at a silent server, or by a clock of the test's.
"""

import contextlib
import gzip
import hashlib
import itertools
import json
import os
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torchvision.datasets
from jupyter_client.manager import start_new_kernel
from torchvision.datasets import MNIST

from course_lib import data, download, mnist

ROOT = Path(__file__).parents[1]
REAL = Path(os.environ.get("COURSE_DATA") or "/nowhere") / "MNIST" / "raw"
HANG = 600  # seconds: no machine is that slow; a test that waits hangs
PREFIXES = ("train-images", "train-labels", "t10k-images", "t10k-labels")
FILES = [f"{p}-idx{3 if 'images' in p else 1}-ubyte" for p in PREFIXES]


# --- A fake MNIST and a server for it ---------------------------------------


def idx(array):
    """Return the bytes of an idx file: type, dimensions, shape, values."""
    head = bytes([0, 0, 8, array.ndim])
    return head + np.array(array.shape, ">i4").tobytes() + array.tobytes()


def make_fake():
    """Return file name -> bytes of 300 training and 100 test noise images."""
    random = np.random.RandomState(1)
    files = {}
    for name in FILES:
        count = 300 if "train" in name else 100
        if "images" in name:
            array = random.randint(0, 256, (count, 28, 28), dtype=np.uint8)
            array[0, 0, :2] = 0, 255
        else:
            array = random.randint(0, 10, count, dtype=np.uint8)
        files[name] = idx(array)
    return files


FAKE = make_fake()
ARCHIVES = {f"{n}.gz": gzip.compress(b, mtime=0) for n, b in FAKE.items()}
BIG = "train-images-idx3-ubyte"
REAL_MD5 = dict(mnist.RAW_MD5)
SOCKET_SECONDS, IDLE_SECONDS, TOTAL_SECONDS = (
    download.SOCKET_SECONDS,
    download.IDLE_SECONDS,
    download.TOTAL_SECONDS,
)


def md5(content):
    return hashlib.md5(content).hexdigest()


def tables():
    """Return the fake's MD5s: of the raw files, and of the archives."""
    raw = {name: md5(content) for name, content in FAKE.items()}
    return raw, [(name, md5(content)) for name, content in ARCHIVES.items()]


def head(length, status="200 OK"):
    return f"HTTP/1.0 {status}\r\nContent-Length: {length}\r\n\r\n".encode()


def flip(content):
    middle = len(content) // 2
    flipped = bytes([content[middle] ^ 1])
    return content[:middle] + flipped + content[middle + 1 :]


class Handler(socketserver.StreamRequestHandler):
    """Answer one request in the way that the server's mode says."""

    def handle(self):
        self.closing = self.server.closing
        with contextlib.suppress(OSError):  # the client may hang up
            path = self.rfile.readline().split()[1].decode()
            while self.rfile.readline().strip():
                pass
            self.server.requests.append(path)
            self.server.asked()
            body = self.server.archives[path.rsplit("/", 1)[1]]
            getattr(self, self.server.mode)(body)

    def wait(self, body=b""):
        self.closing.wait(HANG)

    def good(self, body):
        self.wfile.write(head(len(body)) + body)

    def not_found(self, body):
        self.wfile.write(head(9, "404 Not Found") + b"Not found")

    def cut_off(self, body):
        self.wfile.write(head(len(body)) + body[: len(body) // 2])

    def chunks_cut_off(self, body):
        """Cut off in a way that Python reports as an HTTPException."""
        self.wfile.write(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"ffff\r\n"
            + body[:100]
        )

    def flipped(self, body):
        self.good(flip(body))

    def portal(self, body):
        self.good(b"<html>Please log in to the hotel's network</html>")

    def empty(self, body):
        self.good(b"")

    def garbage(self, body):
        self.wfile.write(b"\x00\x01 this is not HTTP\r\n\r\n")

    def hang_up(self, body):
        pass

    def mute(self, body):
        self.wait()

    def stalls(self, body):
        self.wfile.write(head(len(body)) + body[:1])
        self.wait()

    def stalls_late(self, body):
        self.wfile.write(head(len(body)) + body[:-1])
        self.wait()

    def trickle(self, body):
        """Never silent for as long as a socket waits, and never done."""
        self.wfile.write(head(len(body)))
        for byte in body:
            self.wfile.write(bytes([byte]))
            if self.closing.wait(0.05):
                return


SILENT = ("mute", "stalls", "stalls_late")  # modes that wait for ever


class Server(socketserver.ThreadingTCPServer):
    """mode: how it answers; asked: is called at each request, before that.

    requests: the paths it was asked for; connections: how many began
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 50

    def __init__(self, mode="good"):
        super().__init__(("127.0.0.1", 0), Handler)
        self.mode, self.requests, self.archives = mode, [], ARCHIVES
        self.connections = 0
        self.asked, self.closing = lambda: None, threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/"
        threading.Thread(
            target=self.serve_forever, args=(0.01,), daemon=True
        ).start()

    def hold(self, count):
        """Hold all answers until that many requests have come."""
        enough, arrived = threading.Event(), itertools.count(1)

        def asked():
            if next(arrived) == count:
                enough.set()
            enough.wait(HANG)

        self.asked = asked

    def at_first_request(self, do):
        def asked():
            self.asked = lambda: None
            do()

        self.asked = asked

    def drop_all(self):
        closing, self.closing = self.closing, threading.Event()
        closing.set()

    def close(self):
        self.closing.set()
        self.shutdown()
        self.server_close()


@pytest.fixture
def servers(monkeypatch):
    """The servers, by port, and how long a connection waits for each.

    The course must give it SOCKET_SECONDS. It then waits a moment for a
    server that stays silent, and for any other as long as that may take, so
    that nothing times out because this machine is slow.
    """
    connect, servers = socket.create_connection, {}
    default = socket._GLOBAL_DEFAULT_TIMEOUT

    def connect_in_time(address, timeout=default, source_address=None):
        given = socket.getdefaulttimeout() if timeout is default else timeout
        assert given == download.SOCKET_SECONDS
        server, wait = servers.get(address[1]), HANG
        if server:
            server.connections += 1
            wait = 0.1 if server.mode in SILENT else HANG
        return connect(address, wait, source_address)

    monkeypatch.setattr(socket, "create_connection", connect_in_time)
    return servers


@pytest.fixture
def start_server(servers):
    """Return a function that starts a server of a mode."""
    with contextlib.ExitStack() as stack:

        def start(mode="good"):
            server = Server(mode)
            servers[server.server_address[1]] = server
            stack.callback(server.close)
            return server

        yield start


def set_clock(monkeypatch, monotonic):
    """Let the download read this clock, and give up when it says so."""
    clock = SimpleNamespace(monotonic=monotonic, time=time.time)
    monkeypatch.setattr(download, "time", clock)
    monkeypatch.setattr(download, "IDLE_SECONDS", IDLE_SECONDS)


@pytest.fixture
def clock(monkeypatch):
    """A second passes each time that the download looks at its clock."""
    set_clock(monkeypatch, itertools.count().__next__)


@pytest.fixture
def closed_url():
    """Return an address that refuses connections."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    return f"http://127.0.0.1:{port}/"


@pytest.fixture(autouse=True)
def fake(monkeypatch, tmp_path, closed_url, servers):
    """Set the fake MNIST in place of the real one; nothing answers yet.

    Unless a test has a clock of its own, a download may take very long.
    """
    raw, resources = tables()
    assert list(raw) == list(mnist.RAW_MD5)
    monkeypatch.setattr(mnist, "RAW_MD5", raw)
    monkeypatch.setattr(MNIST, "resources", resources)
    monkeypatch.setattr(MNIST, "mirrors", [closed_url])
    for wait in "SOCKET", "IDLE", "TOTAL":
        monkeypatch.setattr(download, f"{wait}_SECONDS", HANG)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("COURSE_DATASET", raising=False)
    monkeypatch.setenv("no_proxy", "*")
    timeout = socket.getdefaulttimeout()
    yield
    assert socket.getdefaulttimeout() == timeout


@pytest.fixture
def raw(tmp_path):
    return tmp_path / "data" / "MNIST" / "raw"


def put(raw, files=FAKE):
    raw.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (raw / name).write_bytes(content)


def contents(folder):
    """Return path -> bytes of all that lies in a folder or below it."""
    return {
        str(path.relative_to(folder)): path.is_file() and path.read_bytes()
        for path in folder.rglob("*")
    }


def wait_for_threads():
    """Wait for downloads that were given up; they end by themselves."""
    for thread in threading.enumerate():
        if thread.name == "mnist-download":
            thread.join(HANG)
            assert not thread.is_alive()


def assert_fake(dataset):
    assert dataset.name == "mnist"
    names = ("train_images", "train_labels", "test_images", "test_labels")
    for name, file in zip(names, FAKE, strict=True):
        values = np.frombuffer(FAKE[file], np.uint8)
        got = getattr(dataset, name)
        assert got.is_contiguous() and got.device.type == "cpu"
        if "images" in name:
            expected = torch.tensor(values[16:]).view(-1, 1, 28, 28)
            assert got.dtype == torch.float32
            assert torch.equal(got, expected.float().div(255))
        else:
            assert got.dtype == torch.int64
            assert got.tolist() == values[8:].tolist()


def assert_nothing_left(folder):
    """Assert that there is no file, no staging folder and no busy thread."""
    assert not any((folder / name).exists() for name in FILES)
    wait_for_threads()
    assert contents(folder) == {}


# --- The digits -------------------------------------------------------------


def test_digits_have_the_promised_form():
    digits = data.load("digits")
    assert digits.name == "digits"
    assert digits.train_images.shape == (1297, 1, 28, 28)
    assert digits.test_images.shape == (500, 1, 28, 28)
    for images in (digits.train_images, digits.test_images):
        assert images.dtype == torch.float32 and images.is_contiguous()
        assert images.min() == 0 and images.max() == 1
    for labels in (digits.train_labels, digits.test_labels):
        assert labels.dtype == torch.int64
        counts = torch.bincount(labels, minlength=10)
        assert len(counts) == 10
        assert counts.min() > 0.7 * len(labels) / 10
        assert counts.max() < 1.3 * len(labels) / 10
    assert len(digits.train_labels) == 1297 and len(digits.test_labels) == 500


def test_digits_are_those_of_scikit_learn_each_once():
    from sklearn.datasets import load_digits

    digits = data.load("digits")
    images = torch.cat([digits.train_images, digits.test_images])
    labels = torch.cat([digits.train_labels, digits.test_labels])
    source = load_digits()
    # A least-squares fit finds the small images again.
    basis = torch.nn.functional.interpolate(
        torch.eye(64).view(64, 1, 8, 8), size=28, mode="bilinear"
    ).flatten(1)
    small = torch.linalg.lstsq(basis.T.double(), images.flatten(1).T.double())
    small = (small.solution.T * 16).round().int()
    pairs = sorted(zip(small.tolist(), labels.tolist(), strict=True))
    small, labels = source.data.astype(int), source.target
    assert pairs == sorted(zip(small.tolist(), labels.tolist(), strict=True))
    assert len({tuple(image) for image, _ in pairs}) == 1797  # no overlap


def test_digits_span_at_most_64_dimensions():
    images = data.load("digits").train_images.flatten(1).double()
    values = torch.linalg.svdvals(images)
    assert (values > 1e-5 * values[0]).sum() <= 64


def test_digits_do_not_depend_on_the_global_seeds():
    np.random.seed(1)
    torch.manual_seed(1)
    first = data.load("digits")
    np.random.seed(2)
    torch.manual_seed(2)
    second = data.load("digits")
    assert torch.equal(first.train_images, second.train_images)
    assert torch.equal(first.test_labels, second.test_labels)
    # The split is the same on every machine and in every later version.
    assert first.train_labels[:10].tolist() == DIGITS_BEGIN


DIGITS_BEGIN = [2, 8, 2, 6, 6, 7, 1, 9, 8, 5]


def test_loading_digits_leaves_the_global_generators_alone():
    np.random.seed(3)
    torch.manual_seed(3)
    expected = np.random.rand(), torch.rand(1)
    np.random.seed(3)
    torch.manual_seed(3)
    data.load("digits")
    assert (np.random.rand(), torch.rand(1)) == expected


def test_repr_is_short_and_says_what_there_is():
    text = repr(data.load("digits"))
    assert len(text) < 120 and "\n" not in text
    for part in ("digits", "1,297", "500", "(1, 28, 28)"):
        assert part in text


def test_dataset_cannot_be_changed():
    with pytest.raises(AttributeError):
        data.load("digits").name = "other"


# --- Names ------------------------------------------------------------------


@pytest.mark.parametrize("name", ["MNIST", "cifar", "", None, 3])
def test_unknown_name(name):
    with pytest.raises(ValueError) as error:
        data.load(name)
    for part in (repr(name), "argument", "'auto', 'mnist', 'digits'"):
        assert part in str(error.value)


def test_unknown_name_in_the_environment(monkeypatch):
    monkeypatch.setenv("COURSE_DATASET", "cifar")
    with pytest.raises(ValueError) as error:
        data.load()
    for part in ("'cifar'", "COURSE_DATASET", "'auto', 'mnist', 'digits'"):
        assert part in str(error.value)


def test_course_dataset_replaces_auto(monkeypatch, raw, capsys):
    put(raw)
    monkeypatch.setenv("COURSE_DATASET", "digits")
    assert data.load().name == "digits"
    assert data.load("auto").name == "digits"
    monkeypatch.setenv("COURSE_DATASET", "mnist")
    assert data.load().name == "mnist"
    for same_as_unset in ("", "auto"):
        monkeypatch.setenv("COURSE_DATASET", same_as_unset)
        assert data.load().name == "mnist"
    assert capsys.readouterr().out == ""


def test_course_dataset_mnist_does_not_fall_back(monkeypatch):
    monkeypatch.setenv("COURSE_DATASET", "mnist")
    with pytest.raises(OSError, match="could not be downloaded"):
        data.load()


def test_explicit_name_wins_over_course_dataset(monkeypatch, raw):
    put(raw)
    monkeypatch.setenv("COURSE_DATASET", "digits")
    assert data.load("mnist").name == "mnist"
    monkeypatch.setenv("COURSE_DATASET", "cifar")
    assert data.load("digits").name == "digits"


def test_digits_need_no_folder_and_no_network(monkeypatch, tmp_path):
    monkeypatch.setattr(mnist, "tensors", None)
    assert data.load("digits").name == "digits"
    assert list(tmp_path.iterdir()) == []


# --- MNIST from a folder ----------------------------------------------------


@pytest.mark.parametrize("name", ["auto", "mnist"])
def test_mnist_from_a_folder(name, raw, capsys, start_server, monkeypatch):
    put(raw)
    server = start_server()
    monkeypatch.setattr(MNIST, "mirrors", [server.url])
    assert_fake(data.load(name))
    assert capsys.readouterr() == ("", "")
    assert server.requests == []


def test_mnist_from_a_read_only_folder(raw):
    put(raw)
    for folder in (raw, raw.parent):
        folder.chmod(0o555)
    before = {path: path.stat().st_mtime_ns for path in raw.rglob("*")}
    try:
        assert_fake(data.load("mnist"))
    finally:
        for folder in (raw, raw.parent):
            folder.chmod(0o755)
    assert {p: p.stat().st_mtime_ns for p in raw.rglob("*")} == before


def test_default_folder_is_the_users_cache(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_DATA")
    folder = tmp_path / "cache"
    monkeypatch.setattr(
        "platformdirs.user_cache_dir", lambda *args, **kwargs: str(folder)
    )
    put(folder / "MNIST" / "raw")
    assert_fake(data.load("mnist"))
    monkeypatch.setenv("COURSE_DATA", "")
    assert_fake(data.load("mnist"))


def test_course_data_may_begin_with_the_home_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("COURSE_DATA", "~/mine")
    put(tmp_path / "mine" / "MNIST" / "raw")
    assert_fake(data.load("mnist"))


def damage_truncated(content):
    return content[: len(content) // 2]


def damage_empty(content):
    return b""


def damage_longer(content):
    return content + b"\0"


@pytest.mark.parametrize("name", ["auto", "mnist"])
@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    "damage", [flip, damage_truncated, damage_empty, damage_longer]
)
def test_damaged_file_is_an_error(
    name, file, damage, raw, start_server, monkeypatch
):
    server = start_server()
    monkeypatch.setattr(MNIST, "mirrors", [server.url])
    put(raw)
    put(raw, {file: damage(FAKE[file])})
    before = contents(raw)
    with pytest.raises(RuntimeError) as error:
        data.load(name)
    assert str(raw / file) in str(error.value)
    assert "damaged" in str(error.value) and "Delete" in str(error.value)
    assert contents(raw) == before and server.requests == []
    # What the error says to do is what helps.
    (raw / file).unlink()
    assert_fake(data.load(name))
    assert {path.split("/")[1][:-3] for path in server.requests} == {file}


@pytest.mark.parametrize("name", ["auto", "mnist"])
def test_damaged_file_beside_missing_ones_is_an_error(name, raw):
    put(raw, {FILES[2]: flip(FAKE[FILES[2]])})
    with pytest.raises(RuntimeError, match=f"{FILES[2]} is damaged"):
        data.load(name)


def test_two_files_exchanged_are_an_error(raw):
    put(raw, {FILES[0]: FAKE[FILES[2]], FILES[2]: FAKE[FILES[0]]})
    with pytest.raises(RuntimeError, match="is damaged"):
        data.load("mnist")


def test_a_file_that_cannot_be_read_is_an_error(raw):
    put(raw)
    (raw / FILES[1]).unlink()
    (raw / FILES[1]).mkdir()
    with pytest.raises(RuntimeError, match=f"{FILES[1]} cannot be read"):
        data.load()


@pytest.mark.skipif(not REAL.exists(), reason="COURSE_DATA holds no MNIST")
def test_real_mnist(monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(REAL.parents[1]))
    monkeypatch.setattr(mnist, "RAW_MD5", REAL_MD5)
    checked, checksum = [], mnist.checksum

    def counted(content):
        checked.append(len(content))
        return checksum(content)

    monkeypatch.setattr(mnist, "checksum", counted)
    real = data.load("mnist")
    sizes = [(REAL / name).stat().st_size for name in FILES]
    assert sorted(checked) == sorted(sizes)  # each is read once
    for train in (True, False):
        oracle = torchvision.datasets.MNIST(REAL.parents[1], train)
        part = "train" if train else "test"
        images = getattr(real, f"{part}_images")
        assert images.shape == (60_000 if train else 10_000, 1, 28, 28)
        assert torch.equal(images.mul(255).round().byte()[:, 0], oracle.data)
        assert images.min() == 0 and images.max() == 1
        assert torch.equal(getattr(real, f"{part}_labels"), oracle.targets)


# --- Downloads --------------------------------------------------------------


@pytest.mark.parametrize("name", ["auto", "mnist"])
def test_download(name, raw, start_server, monkeypatch, capsys):
    server = start_server()
    monkeypatch.setattr(MNIST, "mirrors", [server.url])
    assert_fake(data.load(name))
    assert contents(raw) == FAKE
    out, err = capsys.readouterr()
    assert out == f"Downloading MNIST (12 MB) into {raw} ...\n"
    assert err == ""
    server.requests.clear()
    assert_fake(data.load(name))
    assert server.requests == [] and capsys.readouterr() == ("", "")


def test_only_what_is_missing_is_downloaded(raw, start_server, monkeypatch):
    server = start_server()
    monkeypatch.setattr(MNIST, "mirrors", [server.url])
    put(raw, {name: FAKE[name] for name in FILES[:2]})
    old = (raw / FILES[0]).stat().st_mtime_ns
    assert_fake(data.load())
    assert contents(raw) == FAKE
    assert (raw / FILES[0]).stat().st_mtime_ns == old
    assert not any("train" in path for path in server.requests)


def test_torchvision_reads_what_was_downloaded(start_server, monkeypatch):
    monkeypatch.setattr(MNIST, "mirrors", [start_server().url])
    dataset = data.load()
    oracle = MNIST(os.environ["COURSE_DATA"], train=False)
    assert torch.equal(dataset.test_labels, oracle.targets)


REASONS = {
    "not_found": "404",
    "cut_off": "corrupted",
    "chunks_cut_off": "IncompleteRead",
    "flipped": "corrupted",
    "portal": "corrupted",
    "empty": "corrupted",
    "garbage": "not HTTP",
    "hang_up": "closed connection",
    "mute": "timed out",
    "stalls": "timed out",
    "stalls_late": "timed out",
    "trickle": "brought nothing",
    "refused": "refused",
}


@pytest.mark.parametrize("mode", REASONS)
def test_broken_server(
    mode, raw, start_server, monkeypatch, capsys, closed_url
):
    server = start_server(mode)
    url = closed_url if mode == "refused" else server.url
    monkeypatch.setattr(MNIST, "mirrors", [url])

    def hang_up():  # a trickle holds the thread, and only that, for ever
        if mode == "trickle":
            server.drop_all()

    with monkeypatch.context() as patch:
        if mode == "trickle":
            set_clock(patch, itertools.count().__next__)
        dataset = data.load("auto")
        # it is tried once: torchvision looks for a redirection, then loads
        assert server.connections <= 2
        assert dataset.name == "digits"
        out, err = capsys.readouterr()
        line = out.splitlines()[-1]
        assert line.startswith("MNIST could not be downloaded into ")
        assert REASONS[mode] in line
        assert "using scikit-learn's digits (1,297 training images)" in line
        assert len(out.splitlines()) <= 2 and err == ""
        hang_up()
        assert_nothing_left(raw)

        with pytest.raises(OSError, match=REASONS[mode]) as error:
            data.load("mnist")
        for part in ("internet", "COURSE_DATA", "data.load('digits')"):
            assert part in str(error.value)
        assert str(raw.parents[1]) in str(error.value)
        assert capsys.readouterr().out.count("\n") <= 1
        hang_up()
        assert_nothing_left(raw)

    monkeypatch.setattr(MNIST, "mirrors", [start_server().url])
    assert_fake(data.load("auto"))
    assert contents(raw) == FAKE


def test_failure_on_the_last_file_leaves_nothing(
    raw, start_server, monkeypatch
):
    server = start_server()
    server.archives = {**ARCHIVES, f"{FILES[3]}.gz": b"broken"}
    monkeypatch.setattr(MNIST, "mirrors", [server.url])
    assert data.load("auto").name == "digits"
    assert_nothing_left(raw)


def test_server_with_another_mnist(raw, start_server, monkeypatch):
    """Archives as torchvision expects them, and yet not the right images."""
    server = start_server()
    other = gzip.compress(flip(FAKE[BIG]), mtime=0)
    server.archives = {**ARCHIVES, f"{BIG}.gz": other}
    resources = [
        (name, md5(content)) for name, content in server.archives.items()
    ]
    monkeypatch.setattr(MNIST, "resources", resources)
    monkeypatch.setattr(MNIST, "mirrors", [server.url])
    with pytest.raises(OSError, match=rf"{BIG}.gz does not hold MNIST"):
        data.load("mnist")
    assert_nothing_left(raw)


@pytest.mark.parametrize("mode", [m for m in REASONS if m != "trickle"])
def test_second_mirror_helps(mode, raw, start_server, monkeypatch, closed_url):
    first = closed_url
    if mode != "refused":
        first = start_server(mode).url
    second = start_server()
    monkeypatch.setattr(MNIST, "mirrors", [first, second.url])
    assert_fake(data.load("mnist"))
    assert contents(raw) == FAKE


def test_a_mute_mirror_is_asked_only_once(start_server, monkeypatch):
    mirrors = [start_server("mute"), start_server()]
    monkeypatch.setattr(MNIST, "mirrors", [server.url for server in mirrors])
    assert_fake(data.load())
    assert mirrors[0].connections == 1


def test_mirrors_that_have_half_of_the_files_each(start_server, monkeypatch):
    mirrors = [start_server(), start_server()]
    for number, server in enumerate(mirrors):
        server.archives = {
            name: content if i % 2 == number else b"other"
            for i, (name, content) in enumerate(ARCHIVES.items())
        }
    monkeypatch.setattr(MNIST, "mirrors", [server.url for server in mirrors])
    assert_fake(data.load("mnist"))


def test_all_mirrors_reasons_are_told_each_once(
    start_server, monkeypatch, closed_url
):
    broken = start_server("not_found").url
    monkeypatch.setattr(MNIST, "mirrors", [broken, closed_url, broken])
    with pytest.raises(OSError) as error:
        data.load("mnist")
    assert str(error.value).count("404") == 1
    assert str(error.value).count("refused") == 1


GIVEN_UP = f"given up after {IDLE_SECONDS + 1} s, the last " + (
    f"{IDLE_SECONDS + 1} s of which brought nothing"
)


def test_the_longest_waits():
    """Two mute mirrors are waited for, and a learner at most ten seconds."""
    assert 2 * SOCKET_SECONDS < IDLE_SECONDS < 10
    assert IDLE_SECONDS < TOTAL_SECONDS <= 600


def test_black_hole(raw, monkeypatch, capsys, servers, clock):
    """A listener with a full queue: it never takes up a connection."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(10):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        port = listener.getsockname()[1]
        servers[port] = SimpleNamespace(mode="mute", connections=0)
        mirrors = [f"http://127.0.0.1:{port}/"] * 100_000  # as if for ever
        monkeypatch.setattr(MNIST, "mirrors", mirrors)
        assert data.load("auto").name == "digits"
        assert GIVEN_UP in capsys.readouterr().out
        assert_nothing_left(raw)


def test_name_look_up_that_hangs(raw, monkeypatch, capsys, clock):
    """No socket exists yet, so no socket's timeout can help."""
    release = threading.Event()

    def look_up(*args, **kwargs):
        release.wait(HANG)
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert data.load("auto").name == "digits"
    release.set()
    assert GIVEN_UP in capsys.readouterr().out
    assert_nothing_left(raw)


def grow(monkeypatch, raw, step, end):
    """Let each look at the clock find `step` seconds gone and a byte more.

    At `end` the clock stands still and the download proper begins, as it
    also does once the event that is returned is set.
    """
    begun, go_on = threading.Event(), threading.Event()
    fetch, seconds = download.download_and_extract_archive, itertools.count()

    def growing(url, folder, **kwargs):
        (folder / "growing").touch()
        begun.set()
        go_on.wait(HANG)
        fetch(url, folder, **kwargs)

    def monotonic():
        now = min(step * next(seconds), end)
        if now == end:
            go_on.set()
        elif now > 0:
            begun.wait(HANG)
            (path,) = raw.glob("download-*/growing")
            path.write_bytes(bytes(now))
        return now

    monkeypatch.setattr(download, "download_and_extract_archive", growing)
    set_clock(monkeypatch, monotonic)
    return go_on


def test_endless_download_is_bounded(raw, monkeypatch, capsys):
    go_on = grow(monkeypatch, raw, step=100, end=2 * TOTAL_SECONDS)
    assert data.load("auto").name == "digits"
    said = f"given up after {TOTAL_SECONDS + 100} s, the last 0 s of which"
    assert said in capsys.readouterr().out
    go_on.set()
    assert_nothing_left(raw)


def test_slow_download_that_grows_is_waited_for(
    raw, start_server, monkeypatch
):
    monkeypatch.setattr(MNIST, "mirrors", [start_server().url])
    grow(monkeypatch, raw, step=IDLE_SECONDS - 1, end=10 * IDLE_SECONDS)
    assert_fake(data.load("mnist"))
    assert contents(raw) == FAKE


@pytest.mark.parametrize("timeout", [None, 33.0])
@pytest.mark.parametrize("mode", ["good", "not_found", "mute"])
def test_default_timeout_is_restored(timeout, mode, start_server, monkeypatch):
    monkeypatch.setattr(MNIST, "mirrors", [start_server(mode).url])
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(timeout)
    try:
        data.load("auto")
        assert socket.getdefaulttimeout() == timeout
    finally:
        socket.setdefaulttimeout(before)


def test_a_download_given_up_removes_what_it_writes_later(
    raw, monkeypatch, clock
):
    go_on = threading.Event()

    def late(url, folder, **kwargs):
        go_on.wait(HANG)
        Path(folder).mkdir()
        raise OSError("too late")

    monkeypatch.setattr(download, "download_and_extract_archive", late)
    assert data.load("auto").name == "digits"
    assert contents(raw) == {}
    threads = {thread.name: thread for thread in threading.enumerate()}
    go_on.set()
    assert_nothing_left(raw)
    # else Python would wait for it before it exits
    assert threads["mnist-download"].daemon


def test_mistakes_in_the_code_are_not_hidden(raw, monkeypatch):
    def broken(*args, **kwargs):
        raise TypeError("a mistake")

    monkeypatch.setattr(download, "download_and_extract_archive", broken)
    with pytest.raises(TypeError, match="a mistake"):
        data.load("auto")
    assert_nothing_left(raw)


# --- Folders that cannot be written -----------------------------------------


def expect_digits_or_error(capsys, *parts):
    assert data.load("auto").name == "digits"
    *_, line = capsys.readouterr().out.splitlines()
    assert "using scikit-learn's digits" in line
    with pytest.raises(OSError) as error:
        data.load("mnist")
    for part in parts:
        assert part in line and part in str(error.value)


def test_folder_that_cannot_exist(monkeypatch, tmp_path, start_server, capsys):
    monkeypatch.setattr(MNIST, "mirrors", [start_server().url])
    blocking = tmp_path / "file"
    blocking.write_text("not a folder")
    for folder in (blocking, blocking / "below"):
        monkeypatch.setenv("COURSE_DATA", str(folder))
        expect_digits_or_error(capsys, str(folder))
    assert blocking.read_text() == "not a folder"


@pytest.mark.parametrize("mode", [0o555, 0o000])
def test_folder_without_the_right_to_write(
    mode, monkeypatch, tmp_path, start_server, capsys
):
    monkeypatch.setattr(MNIST, "mirrors", [start_server().url])
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(mode)
    if os.access(folder, os.W_OK):
        pytest.skip("root may write anywhere")
    try:
        expect_digits_or_error(capsys, str(folder), "Permission denied")
    finally:
        folder.chmod(0o755)


def test_disk_full(raw, monkeypatch, start_server, capsys):
    monkeypatch.setattr(MNIST, "mirrors", [start_server().url])

    def replace(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", replace)
    expect_digits_or_error(capsys, "No space left")
    assert_nothing_left(raw)


# --- Interrupted, killed, and two at once -----------------------------------


@pytest.mark.parametrize("mode", ["trickle", "wait"])
def test_keyboard_interrupt(mode, raw, start_server, monkeypatch):
    server = start_server(mode)
    monkeypatch.setattr(MNIST, "mirrors", [server.url])
    # A shell has its background jobs ignore the signal; not here.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    server.at_first_request(lambda: signal.raise_signal(signal.SIGINT))
    try:
        with pytest.raises(KeyboardInterrupt):
            data.load("auto")
    finally:
        signal.signal(signal.SIGINT, before)
    assert not any((raw / name).exists() for name in FILES)
    server.drop_all()
    server.mode = "good"
    assert_fake(data.load("mnist"))
    wait_for_threads()
    assert contents(raw) == FAKE


def test_old_leftovers_are_removed_and_others_kept(
    raw, start_server, monkeypatch
):
    monkeypatch.setattr(MNIST, "mirrors", [start_server().url])
    for name, age in {"download-old": 2, "download-new": 0.5}.items():
        put(raw / name, {BIG: b"half", f"{BIG}.gz": b"half"})
        then = time.time() - age * 24 * 60 * 60
        os.utime(raw / name, (then, then))
    assert_fake(data.load())
    names = {path.name for path in raw.iterdir()}
    assert names == {*FAKE, "download-new"}


def test_two_threads_at_once(raw, start_server, monkeypatch):
    server = start_server()
    monkeypatch.setattr(MNIST, "mirrors", [server.url])
    both, begin, results = threading.Barrier(2), mnist.download, []

    def begin_together(*arguments):
        both.wait(HANG)
        begin(*arguments)

    monkeypatch.setattr(mnist, "download", begin_together)
    threads = [
        threading.Thread(target=lambda: results.append(data.load("mnist")))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 2
    for result in results:
        assert_fake(result)
    assert contents(raw) == FAKE
    assert len(server.requests) == 2 * len(FILES)  # the second had no need


def test_another_kernel_wins_while_ours_fails(
    raw, start_server, monkeypatch, capsys
):
    server = start_server("hang_up")
    server.at_first_request(lambda: put(raw))
    monkeypatch.setattr(MNIST, "mirrors", [server.url])
    assert_fake(data.load("auto"))
    assert capsys.readouterr().out == ""
    wait_for_threads()
    assert contents(raw) == FAKE


def test_another_kernels_file_is_not_replaced(raw, start_server, monkeypatch):
    server = start_server()
    monkeypatch.setattr(MNIST, "mirrors", [server.url])
    server.at_first_request(lambda: put(raw, {BIG: FAKE[BIG]}))
    replaced, replace = [], os.replace

    def recorded(source, target):
        replaced.append(Path(target).name)
        replace(source, target)

    monkeypatch.setattr(os, "replace", recorded)
    assert_fake(data.load("mnist"))
    assert sorted(replaced) == sorted(set(FILES) - {BIG})


CHILD = """
import json, os, sys
from torchvision.datasets import MNIST
from course_lib import data, download, mnist
mnist.RAW_MD5, MNIST.resources, MNIST.mirrors = json.loads(sys.argv[1])
download.SOCKET_SECONDS = download.IDLE_SECONDS = 600
victim = os.fork()
if victim:
    print(victim, flush=True)
    print(os.waitpid(victim, 0)[1], flush=True)
    sys.stdin.readline()
dataset = data.load("mnist")
print(dataset.train_labels.sum().item(), dataset.test_labels.sum().item())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on Windows")
def test_processes_at_once_and_one_killed(raw, start_server, monkeypatch):
    server = start_server("trickle")
    monkeypatch.setattr(MNIST, "mirrors", [server.url])
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, json.dumps([*tables(), [server.url]])],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        victim = int(child.stdout.readline())
        deadline = time.monotonic() + HANG
        while not any(raw.glob(f"download-*/{BIG}.gz")):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.kill(victim, signal.SIGKILL)
        assert int(child.stdout.readline()) == signal.SIGKILL
        left = contents(raw)
        assert all(path.startswith("download-") for path in left)
        server.requests.clear()
        server.mode = "good"
        server.hold(2)  # until both are downloading
        child.stdin.write("\n")
        child.stdin.flush()
        assert_fake(data.load("mnist"))
        out, _ = child.communicate(timeout=HANG)
    finally:
        child.kill()
        child.wait()
    labels = [FAKE[name][8:] for name in FILES if "labels" in name]
    assert out.splitlines() == [
        f"Downloading MNIST (12 MB) into {raw} ...",
        f"{sum(labels[0])} {sum(labels[1])}",
    ]
    assert len(server.requests) == 4 * len(FILES)
    assert contents(raw) == {**FAKE, **left}


# --- A class: one folder, many kernels --------------------------------------


def run(client, source):
    """Run a source in a Jupyter kernel; return the lines of its output."""
    said = []

    def collect(message):
        content = message["content"]
        said.append(content.get("text") or content.get("evalue") or "")

    client.execute_interactive(source, output_hook=collect, timeout=HANG)
    return "".join(said).splitlines()


@contextlib.contextmanager
def classroom(count, folder):
    """Start kernels with COURSE_DATA; yield a function that runs a source.

    It runs it in all of them at once, and returns the output of each.
    """
    env = os.environ | {"PYTHONPATH": str(ROOT), "COURSE_DATA": str(folder)}
    with contextlib.ExitStack() as stack:
        # a thread for each kernel: its client stays in one thread
        seats = [
            stack.enter_context(ThreadPoolExecutor(1)) for _ in range(count)
        ]
        jobs = [
            seat.submit(start_new_kernel, startup_timeout=HANG, env=env)
            for seat in seats
        ]
        kernels = []
        for seat, job in zip(seats, jobs, strict=True):
            manager, client = job.result()
            kernels.append((seat, client))
            stack.callback(seat.submit, manager.shutdown_kernel, now=True)
            stack.callback(seat.submit, client.stop_channels)

        def run_all(source):
            jobs = [
                seat.submit(run, client, source) for seat, client in kernels
            ]
            return [job.result() for job in jobs]

        yield run_all


LEARNER = """
import json
from torchvision.datasets import MNIST
from course_lib import data, download, mnist
mnist.RAW_MD5, MNIST.resources, MNIST.mirrors = json.loads({!r})
download.SOCKET_SECONDS = download.IDLE_SECONDS = 600
dataset = data.load()
print(dataset.name, dataset.train_labels.sum().item())
"""


def test_a_class_on_one_folder(tmp_path, raw, start_server):
    """The data are missing, then arrive, then lie there read-only."""
    server, folder = start_server("not_found"), tmp_path / "data"
    load = LEARNER.format(json.dumps([*tables(), [server.url]]))
    with classroom(3, folder) as learners:
        for *_, why, name in learners(load):
            assert "404" in why and "digits" in why
            assert name.startswith("digits ")

        server.mode = "good"
        server.hold(3)  # all start without data
        labels = np.frombuffer(FAKE["train-labels-idx1-ubyte"], np.uint8)[8:]
        for output in learners(load):
            assert output[-1] == f"mnist {labels.sum()}"
        assert contents(raw) == FAKE

        server.requests.clear()
        everything = [*raw.iterdir(), raw, raw.parent, folder]
        for path in everything:
            path.chmod(0o444 | (path.is_dir() and 0o111))
        assert learners(load) == [[f"mnist {labels.sum()}"]] * 3
        assert server.requests == []
        for path in everything:
            path.chmod(0o755)
