"""Checkpoints: whole or not there, safe, and plain about damage."""

import os
import zipfile

import pytest
import torch

from course_lib import checkpoint


@pytest.fixture
def contents():
    weights = torch.linspace(-1, 1, 2000).half()
    return {"weights": {"layer": weights}, "seconds": 1.5, "steps": 3}


def test_what_is_saved_is_loaded(contents, tmp_path):
    checkpoint.save(contents, tmp_path / "a.pt")
    loaded = checkpoint.load(tmp_path / "a.pt")
    assert torch.equal(
        loaded["weights"].pop("layer"), contents["weights"].pop("layer")
    )
    assert loaded == contents
    assert os.listdir(tmp_path) == ["a.pt"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError("disk full")])
def test_a_save_that_fails_half_way_leaves_the_old_file(
    contents, tmp_path, monkeypatch, error
):
    path = tmp_path / "a.pt"
    checkpoint.save(contents, path)
    before = path.read_bytes()

    def half(contents, file):
        file.write(before[: len(before) // 2])
        raise error

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises((KeyboardInterrupt, OSError)):
        checkpoint.save({"steps": 4}, path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.pt"]  # no half file is left behind


def test_the_file_is_complete_before_it_gets_its_name(
    contents, tmp_path, monkeypatch
):
    replace, seen = os.replace, []

    def spy(source, target):
        seen.append(checkpoint.load(source)["steps"])
        replace(source, target)

    monkeypatch.setattr(os, "replace", spy)
    checkpoint.save(contents, tmp_path / "a.pt")
    assert seen == [3]


def damage(path, kind):
    data = bytearray(path.read_bytes())
    if kind == "cut":
        data = data[: len(data) // 2]
    elif kind == "flipped":  # PyTorch alone does not notice
        data[
            data.find(
                torch.linspace(-1, 1, 2000).half()[9:99].numpy().tobytes()
            )
        ] ^= 0xFF
    elif kind == "empty":
        data = b""
    elif kind == "text":
        data = b"not a checkpoint at all\n" * 99
    path.write_bytes(data)


@pytest.mark.parametrize("kind", ["cut", "flipped", "empty", "text"])
def test_a_damaged_file_is_named(contents, tmp_path, kind):
    path = tmp_path / "a.pt"
    checkpoint.save(contents, path)
    damage(path, kind)
    with pytest.raises(ValueError, match=r"a\.pt is damaged.*Delete it"):
        checkpoint.load(path)


def test_another_zip_file_is_no_checkpoint(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.pt", "w") as file:
        file.writestr("hello.txt", "hello")
    with pytest.raises(ValueError, match="no checkpoint"):
        checkpoint.load(tmp_path / "a.pt")


class Trap:
    """What unpickling runs."""

    ran = False

    def __reduce__(self):
        return setattr, (Trap, "ran", True)


def test_code_in_a_file_is_not_run(tmp_path):
    torch.save({"weights": Trap()}, tmp_path / "a.pt")
    with pytest.raises(ValueError, match="no checkpoint"):
        checkpoint.load(tmp_path / "a.pt")
    assert not Trap.ran


def test_no_file_is_an_error_of_its_own(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"a\.pt"):
        checkpoint.load(tmp_path / "a.pt")
