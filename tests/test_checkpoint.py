"""Checkpoints: whole or not there, safe, and plain about damage."""

import os
import zipfile
from collections import Counter
from random import Random

import numpy as np
import pytest
import torch
from torch import nn

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


@pytest.mark.parametrize("kind", ["cut", "flipped", "empty"])
def test_a_damaged_file_is_named(contents, tmp_path, kind):
    path = tmp_path / "a.pt"
    checkpoint.save(contents, path)
    damage(path, kind)
    with pytest.raises(ValueError, match=r"a\.pt is damaged.*Delete it"):
        checkpoint.load(path)


def test_a_file_of_another_kind_is_not_to_be_deleted(contents, tmp_path):
    path = tmp_path / "a.pt"
    checkpoint.save(contents, path)
    damage(path, "text")
    with pytest.raises(ValueError, match=r"a\.pt .* no checkpoint") as error:
        checkpoint.load(path)
    assert "elete" not in str(error.value)


def test_any_cut_and_any_flipped_bit_is_an_error_or_harmless(
    contents, tmp_path
):
    """Of 400 damaged files, none loads with other numbers."""
    path, random = tmp_path / "a.pt", Random(0)
    checkpoint.save(contents, path)
    whole, errors = path.read_bytes(), 0
    for i in range(400):
        data = bytearray(whole)
        place = random.randrange(len(data))
        if i % 2:
            data = data[:place]
        else:
            data[place] ^= 1 << random.randrange(8)
        path.write_bytes(data)
        try:
            loaded = checkpoint.load(path)
        except (ValueError, OSError):
            errors += 1
        else:
            layer = loaded["weights"].pop("layer")
            assert torch.equal(layer, contents["weights"]["layer"])
            assert loaded == {"weights": {}, "seconds": 1.5, "steps": 3}
    assert errors > 300


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


class Thing:
    """What only code can load again."""


REFUSED = {
    "contents['loss']": ({"loss": np.float64(3.2)}, "numpy.float64", "float"),
    "contents['n']": ({"w": 1, "n": np.int64(3)}, "numpy.int64", "int"),
    "contents['ok']": ({"ok": np.bool_(True)}, "numpy.bool", "bool"),
    "contents['x']": ({"x": np.ones(3)}, "numpy.ndarray", "torch.from_numpy"),
    "contents['a'][1]['b']": (
        {"a": [1.0, {"b": np.float32(1)}]},
        "numpy.float32",
        "float",
    ),
    "contents[1]": ((1, frozenset()), "builtins.frozenset", "use tensors"),
    "the key": ({np.int64(3): 1}, "numpy.int64", "int"),
    "contents['model']": (
        {"model": nn.Linear(2, 2)},
        "torch.nn.modules.linear.Linear",
        r"use its \.state_dict\(\)",
    ),
    "contents": (Thing(), "Thing", "use tensors, numbers, text"),
    "contents['f']": ({"f": lambda: 0}, "builtins.function", "use tensors"),
}


@pytest.mark.parametrize("entry", REFUSED)
def test_what_could_not_be_loaded_is_not_saved(contents, tmp_path, entry):
    bad, kind, mend = REFUSED[entry]
    checkpoint.save(contents, tmp_path / "a.pt")
    before = (tmp_path / "a.pt").read_bytes()
    with pytest.raises(
        ValueError, match=f"{kind}.*would refuse: .*{mend}"
    ) as e:
        checkpoint.save(bad, tmp_path / "a.pt")
    assert str(e.value).startswith(entry)
    assert (tmp_path / "a.pt").read_bytes() == before
    assert os.listdir(tmp_path) == ["a.pt"]


def test_the_message_of_a_numpy_number(tmp_path):
    with pytest.raises(ValueError) as error:
        checkpoint.save({"loss": np.float64(3.2)}, tmp_path / "a.pt")
    assert str(error.value) == (
        "contents['loss'] is a numpy.float64, which load would refuse: use "
        "float(...)"
    )


def test_all_that_a_training_has_is_saved(tmp_path):
    model = nn.Linear(2, 2)
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    contents = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "parameter": model.weight,
        "shape": model.weight.shape,
        "dtype": torch.float32,
        "random": torch.get_rng_state(),
        "names": ("a", b"b", None, True, {1, 2}),
        "counts": Counter("aab"),
    }
    checkpoint.save(contents, tmp_path / "a.pt")
    loaded = checkpoint.load(tmp_path / "a.pt")
    for name in "shape", "dtype", "names", "counts":
        assert loaded[name] == contents[name]
    for before, after in zip(
        optimizer.state_dict()["state"][0].values(),
        loaded["optimizer"]["state"][0].values(),
        strict=True,
    ):
        assert torch.equal(before, after)


def test_a_whole_file_that_is_not_loaded_is_not_called_damaged(tmp_path):
    path = tmp_path / "a.pt"
    torch.save({"weights": torch.ones(2), "loss": np.float64(3.2)}, path)
    with pytest.raises(ValueError, match="no checkpoint that load") as error:
        checkpoint.load(path)
    message = str(error.value)
    assert "it holds numpy." in message and "checkpoint.save" in message
    assert "elete" not in message and "damaged" not in message
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("hello.txt", "hello")
    with pytest.raises(ValueError, match="things than tensors") as error:
        checkpoint.load(path)
    assert "elete" not in str(error.value)


def test_all_is_on_the_disk_before_the_file_gets_its_name(
    tmp_path, monkeypatch
):
    """Else a power cut may leave the new name and half of the bytes."""
    synced = []

    def fsync(number):
        assert not (tmp_path / "a.pt").exists()
        synced.append(os.fstat(number).st_size)

    monkeypatch.setattr(os, "fsync", fsync)
    checkpoint.save({"a": torch.zeros(9)}, tmp_path / "a.pt")
    assert synced == [(tmp_path / "a.pt").stat().st_size]
