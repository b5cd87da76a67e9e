"""A learner's own arrays and folders of pictures, as one tensor."""

import sys

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader, IterableDataset, TensorDataset
from torchvision.datasets import ImageFolder
from torchvision.transforms.functional import pil_to_tensor

from course_lib import data


def bytes_of(*shape):
    """Return bytes of a shape, 0 and 255 among them, all different images."""
    random = np.random.RandomState(len(shape))
    array = random.randint(0, 256, shape, dtype=np.uint8)
    array.flat[:2] = 0, 255
    return array


def check_form(images, shape):
    assert images.dtype == torch.float32 and images.is_contiguous()
    assert images.device.type == "cpu" and not images.requires_grad
    assert images.shape == shape
    assert images.min() >= 0 and images.max() <= 1


# --- Arrays -----------------------------------------------------------------


def test_bytes_become_images(capsys):
    array = bytes_of(99, 32, 30)
    images = data.from_arrays(array)
    check_form(images, (99, 1, 32, 30))
    assert torch.equal(images[:, 0], torch.from_numpy(array).float().div(255))
    assert capsys.readouterr().out == (
        "99 images, bytes divided by 255, channel dimension added: "
        "(99, 1, 32, 30), from 0.00 to 1.00.\n"
    )


@pytest.mark.parametrize("channels", [1, 3])
def test_channels_come_first(channels, capsys):
    array = bytes_of(5, 4, 6, channels)
    images = data.from_arrays(array)
    check_form(images, (5, channels, 4, 6))
    for n, c, i, j in [(0, 0, 1, 2), (4, channels - 1, 3, 5)]:
        assert images[n, c, i, j] == np.float32(array[n, i, j, c]) / 255
    assert "channels first: (5" in capsys.readouterr().out
    same = data.from_arrays(torch.from_numpy(array).permute(0, 3, 1, 2))
    assert torch.equal(same, images)
    assert "channels first" not in capsys.readouterr().out


@pytest.mark.parametrize("shape", [(5, 1, 4, 1), (5, 3, 4, 3), (5, 4, 4, 4)])
def test_channels_that_could_be_either(shape):
    with pytest.raises(ValueError, match='axes="NCHW" or axes="NHWC"'):
        data.from_arrays(bytes_of(*shape))
    first = data.from_arrays(bytes_of(*shape), axes="NCHW")
    last = data.from_arrays(bytes_of(*shape), axes="NHWC")
    assert torch.equal(first, last.permute(0, 2, 3, 1))


def test_vectors_and_sequences(capsys):
    vectors = data.from_arrays(np.linspace(0, 1, 30).reshape(3, 10))
    check_form(vectors, (3, 10))
    sequences = data.from_arrays(bytes_of(3, 7, 2), axes="NTD")
    check_form(sequences, (3, 7, 2))
    out = capsys.readouterr().out.splitlines()
    vectors = "3 vectors, floats as they were: (3, 10), from 0.00 to 1.00."
    assert out[0] == vectors
    assert out[1].startswith("3 sequences, bytes divided by 255: (3, 7, 2)")


@pytest.mark.parametrize("last", [1, 3])
def test_one_image_is_not_taken_for_many(last):
    array = bytes_of(28, 26, last)
    with pytest.raises(ValueError, match=r"images\[None\]"):
        data.from_arrays(array)
    check_form(data.from_arrays(array[None]), (1, last, 28, 26))
    check_form(data.from_arrays(array, axes="NHW"), (28, 1, 26, last))
    check_form(data.from_arrays(array, axes="NTD"), (28, 26, last))


def test_every_way_to_the_same_images():
    array = bytes_of(6, 5, 4)
    expected = data.from_arrays(array)
    floats = array / 255
    read_only = array.copy()
    read_only.flags.writeable = False
    labels = torch.arange(6)
    pictures = [Image.fromarray(one) for one in array]
    for images in (
        list(array),
        tuple(torch.from_numpy(array)),
        [one.tolist() for one in floats],
        pictures,
        read_only,
        np.asfortranarray(array),
        array[::-1][::-1],
        floats,
        floats.astype(np.float32),
        floats.astype(">f8"),
        torch.from_numpy(floats).requires_grad_(),
        TensorDataset(torch.from_numpy(array), labels),
        Pairs(list(zip(pictures, labels, strict=True))),
    ):
        given = data.from_arrays(images)
        check_form(given, (6, 1, 5, 4))
        torch.testing.assert_close(given, expected, rtol=0, atol=1e-7)


class Pairs(torch.utils.data.Dataset):
    """A Dataset that never raises IndexError, as many don't."""

    def __init__(self, pairs):
        self.pairs = pairs

    def __len__(self):
        return len(self.pairs)

    def __getitem__(self, index):
        return self.pairs[index % len(self.pairs)]


class Stream(IterableDataset):
    def __iter__(self):
        yield from torch.eye(4).view(4, 2, 2)


def test_a_stream_is_a_dataset_too():
    assert torch.equal(data.from_arrays(Stream()).flatten(1), torch.eye(4))


def test_half_precision():
    images = torch.tensor([[0, 0.5, 1]], dtype=torch.bfloat16)
    assert data.from_arrays(images).tolist() == [[0, 0.5, 1]]


@pytest.mark.parametrize("dtype", [np.float32, np.uint8])
def test_the_result_has_its_own_memory(dtype):
    array = np.full((2, 3), 255 if dtype == np.uint8 else 1, dtype)
    images = data.from_arrays(array)
    images[:] = 0
    assert array.min() > 0


def test_bool_is_0_and_1(capsys):
    images = data.from_arrays(np.eye(3, dtype=bool))
    assert torch.equal(images, torch.eye(3))
    assert "False made 0 and True 1" in capsys.readouterr().out


REFUSED = {
    "nothing": ([], "there are no images"),
    "no images": (np.zeros((0, 28, 28)), "there are no images"),
    "no pixels": (np.zeros((5, 0, 28)), "there are no images"),
    "one number": (np.float64(0.5), "expected images"),
    "a vector": (np.zeros(5), r"images\[None\]"),
    "videos": (np.zeros((2, 3, 4, 5, 6)), "expected images"),
    "0 to 255": (bytes_of(5, 4, 4).astype(float), r"image / 255"),
    "0 to 16": (np.arange(17.0).reshape(1, 17), r"image / 16$"),
    "above 255": (np.arange(300.0).reshape(1, 300), r"images.min\(\)"),
    "standardised": (np.array([[-0.4, 2.8]]), "squared_error"),
    "negative": (np.array([[-0.5, 0.5]]), r"\(images - images.min\(\)\)"),
    "rounding": (np.array([[-1e-6, 1.0]]), r"images.clip\(0, 1\)"),
    "rounding above": (np.array([[0, 1.001]]), r"images.clip\(0, 1\)"),
    "NaN": (np.array([[0, 1], [0, np.nan]]), r"1 of 2 .* images\[1\]"),
    "infinity": (np.array([[np.inf, 1], [0, 0]]), r"1 of 2 .* images\[0\]"),
    "whole numbers": (np.array([[0, 255]]), r"int64.*image / 255"),
    "16 bits": (np.array([[0, 65535]], np.uint16), "image / 65535"),
    "signed bytes": (np.array([[0, 1]], np.int8), "int8"),
    "0/1 bytes": (np.array([[0, 1]], np.uint8), r"array.astype\(bool\)"),
    "complex": (np.array([[1j]]), "complex128"),
    "objects": (np.array([[None, 1.0]]), "object"),
    "words": (np.array([["a", "b"]]), "<U1"),
    "a path": ("faces", r"data.from_folder\('faces'\)"),
    "ragged": ([np.zeros((4, 4)), np.zeros((4, 5))], r"images\[1\] \(4, 5\)"),
    "ragged lists": ([[[0.0], [0.0, 1.0]]], "equally sized"),
    "two kinds": ([np.zeros((4, 4)), bytes_of(4, 4)], r"images\[1\] uint8"),
    "images, labels": ((torch.zeros(9, 4, 4), torch.zeros(9)), "one shape"),
    "masked": (np.ma.masked_equal(np.eye(2), 0), r"images.filled\(0\)"),
    "loader": (DataLoader(TensorDataset(torch.eye(2))), r"loader.dataset\)"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_the_line_that_mends_it(case, capsys):
    images, line = REFUSED[case]
    with pytest.raises(ValueError, match=line):
        data.from_arrays(images)
    assert capsys.readouterr().out == ""


def test_the_lines_mend():
    standardised = np.array([[-0.4, 2.8]])
    images = standardised
    images = (images - images.min()) / (images.max() - images.min())
    assert data.from_arrays(images).tolist() == [[0, 1]]
    numbers = np.arange(256).reshape(1, 256)
    mended = data.from_arrays(np.asarray(numbers).astype(np.uint8))
    assert torch.equal(mended, data.from_arrays(numbers / 255))
    binary = np.array([[0, 1]], np.uint8)
    assert data.from_arrays(binary.astype(bool)).tolist() == [[0, 1]]
    assert data.from_arrays(binary / 255).max() == np.float32(1 / 255)


@pytest.mark.parametrize("axes", ["NHW", "HWC", "", "nchw", "NDT", 3])
def test_axes_must_fit(axes):
    with pytest.raises(ValueError, match=r"one of 'ND', 'NTD', 'NHW', 'NCHW'"):
        data.from_arrays(bytes_of(2, 3, 4, 5), axes=axes)


def test_black_images_are_no_binary_ones():
    assert data.from_arrays(np.zeros((2, 3), np.uint8)).sum() == 0


# --- Folders ----------------------------------------------------------------


def save(path, array, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path, **options)


@pytest.fixture
def folder(tmp_path):
    """Two classes of pictures, whose folders and names sort in many ways."""
    names = ("cat/10.png", "cat/9.PNG", "cat/old/1.png", "cat-2/a.bmp")
    for shade, name in enumerate(names):
        array = bytes_of(6, 8, 3)
        array[:] = array + shade
        save(tmp_path / name, array)
    return tmp_path


def test_pictures_and_labels_in_the_order_of_image_folder(folder, capsys):
    images = data.from_folder(folder)
    oracle = ImageFolder(folder)
    check_form(images, (4, 3, 6, 8))
    for image, (picture, _) in zip(images, oracle, strict=True):
        assert torch.equal(image, pil_to_tensor(picture).float().div(255))
    assert oracle.targets == [0, 0, 0, 1]
    assert capsys.readouterr().out == (
        f"4 pictures of {folder}, in colour, bytes divided by 255: "
        f"(4, 3, 6, 8).\n"
    )


def test_pictures_beside_the_folders_of_classes_come_first(folder):
    save(folder / "z.png", np.full((6, 8, 3), 51, np.uint8))
    images = data.from_folder(str(folder))
    assert images[0].unique().tolist() == [pytest.approx(0.2)]
    assert len(images) == 5


def test_grey_pictures(tmp_path, capsys):
    array = bytes_of(6, 8)
    save(tmp_path / "a.png", array)
    save(tmp_path / "b.png", array > 127)  # one bit a pixel
    images = data.from_folder(tmp_path)
    check_form(images, (2, 1, 6, 8))
    assert torch.equal(images[0, 0], torch.from_numpy(array) / 255)
    assert torch.equal(images[1, 0], torch.from_numpy(array > 127).float())
    assert ", grey, bytes" in capsys.readouterr().out
    save(tmp_path / "c.png", bytes_of(6, 8, 3))
    images = data.from_folder(tmp_path)  # one of them is coloured: all are
    check_form(images, (3, 3, 6, 8))
    assert torch.equal(images[0, 2], torch.from_numpy(array) / 255)


def test_colour_made_grey(tmp_path):
    array = bytes_of(6, 8, 3)
    save(tmp_path / "a.png", array)
    images = data.from_folder(tmp_path, grey=True)
    check_form(images, (1, 1, 6, 8))
    weights = torch.tensor([0.299, 0.587, 0.114])
    expected = torch.from_numpy(array).float().div(255) @ weights
    torch.testing.assert_close(images[0, 0], expected, rtol=0, atol=1 / 255)


def test_several_sizes(folder):
    save(folder / "cat" / "9b.png", bytes_of(5, 8, 3))
    with pytest.raises(ValueError) as error:
        data.from_folder(folder)
    for part in ("10.png has 8 x 6", "9b.png 8 x 5", "size=(6, 8))"):
        assert part in str(error.value)
    check_form(data.from_folder(folder, size=(6, 8)), (5, 3, 6, 8))


def test_scaled_and_cropped_evenly(tmp_path, capsys):
    """White left and right of a grey square: only the square is left."""
    array = np.full((10, 30, 3), 255, np.uint8)
    array[:, 10:20] = 51
    save(tmp_path / "wide.png", array)
    save(tmp_path / "tall.png", array.transpose(1, 0, 2))
    images = data.from_folder(tmp_path, size=10)
    check_form(images, (2, 3, 10, 10))
    assert images.unique().tolist() == [pytest.approx(0.2)]
    assert "in colour, scaled and cropped, bytes" in capsys.readouterr().out
    assert data.from_folder(tmp_path, size=(4, 6)).shape == (2, 3, 4, 6)


def test_scaling_down_averages(tmp_path):
    """A fine checkerboard becomes grey, not a pattern of its own."""
    board = 255 * (np.indices((64, 64)).sum(0) % 2).astype(np.uint8)
    save(tmp_path / "board.png", board)
    small = data.from_folder(tmp_path, size=8)
    assert (small - 0.5).abs().max() < 0.02


@pytest.mark.parametrize("size", [0, (0, 4), 2.5, (4,), (4, 4, 3), "4", True])
def test_sizes_that_are_none(folder, size):
    with pytest.raises(ValueError, match=r"size=\(28, 28\)"):
        data.from_folder(folder, size=size)


def test_other_files_are_passed_over_and_named(folder, capsys):
    for name in ("notes.txt", ".DS_Store", "cat/._9.png", "data.npy"):
        (folder / name).write_text("no picture")
    save(folder / ".ipynb_checkpoints" / "a-checkpoint.png", bytes_of(6, 8))
    assert len(data.from_folder(folder)) == 4
    assert capsys.readouterr().out.endswith(
        ". Passed over 5 that are no pictures (.DS_Store, ._9.png, "
        ".ipynb_checkpoints, ...).\n"
    )


def test_up_to_three_others_are_all_named(folder, capsys):
    for name in ("a.txt", "b.txt", "c.txt"):
        (folder / name).write_text("")
    data.from_folder(folder)
    assert " 3 that are no pictures (a.txt, b.txt, c.txt).\n" in (
        capsys.readouterr().out
    )
    (folder / "d.txt").write_text("")
    data.from_folder(folder)
    assert " 4 that are no pictures (a.txt, b.txt, c.txt, ...).\n" in (
        capsys.readouterr().out
    )


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights")
def test_links_to_folders_are_not_followed(folder, capsys):
    (folder / "cat" / "loop").symlink_to(folder)
    assert len(data.from_folder(folder)) == 4
    out = capsys.readouterr().out
    assert out.endswith(" Passed over 1 that are no pictures (loop).\n")


def test_no_folder_and_no_pictures(tmp_path, folder):
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*none"):
        data.from_folder(tmp_path / "none")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        data.from_folder(folder / "cat" / "10.png")
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "a.txt").write_text("")
    with pytest.raises(ValueError, match=r"no pictures, .*\.png.* 1 .*a.txt"):
        data.from_folder(empty)


def truncate(content):
    return content[: len(content) // 2]


def flip(content):
    middle = len(content) // 2
    changed = bytes([content[middle] ^ 64])
    return content[:middle] + changed + content[middle + 1 :]


DAMAGES = [(truncate, f"b.{end}") for end in ("png", "jpg", "bmp", "tif")]
DAMAGES += [(flip, "b.png"), (lambda content: b"", "b.jpg")]


@pytest.mark.parametrize(("damage", "name"), DAMAGES)
def test_a_damaged_file_is_named(tmp_path, name, damage):
    save(tmp_path / "a.png", bytes_of(40, 40))
    save(tmp_path / name, bytes_of(40, 40))
    file = tmp_path / name
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ValueError, match=f"{name} cannot be read") as error:
        data.from_folder(tmp_path)
    assert "replace it, or take it out" in str(error.value)


def test_transparent_pictures_are_laid_on_white(tmp_path, capsys):
    array = np.zeros((4, 4, 4), np.uint8)
    array[:2, :, 3] = 255  # black above, transparent below
    save(tmp_path / "a.png", array)
    array[..., 3] = 255
    save(tmp_path / "b.png", array)  # an alpha that hides nothing
    images = data.from_folder(tmp_path)
    check_form(images, (2, 3, 4, 4))
    assert images[0, :, :2].max() == 0 and images[0, :, 2:].min() == 1
    assert images[1].max() == 0
    assert "in colour, 1 transparent laid on white" in capsys.readouterr().out


def test_grey_with_alpha_and_palettes(tmp_path):
    grey = np.full((4, 4, 2), 102, np.uint8)
    save(tmp_path / "grey.png", grey)
    grey_image = data.from_folder(tmp_path)
    check_form(grey_image, (1, 1, 4, 4))
    expected = 0.4 * 0.4 + 1 - 0.4  # its alpha is 0.4
    assert (grey_image - expected).abs().max() < 1 / 255
    (tmp_path / "grey.png").unlink()
    palette = Image.new("P", (2, 1))
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.putdata([0, 1])
    palette.save(tmp_path / "colours.png")
    palette.save(tmp_path / "through.png", transparency=1)
    images = data.from_folder(tmp_path)
    assert images[0, :, 0].T.tolist() == [[1, 0, 0], [0, 0, 1]]
    assert images[1, :, 0].T.tolist() == [[1, 0, 0], [1, 1, 1]]


def test_photos_are_turned_upright(tmp_path):
    array = bytes_of(4, 6)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees clockwise
    save(tmp_path / "a.png", array, exif=exif)
    turned = torch.from_numpy(np.rot90(array, -1).copy()) / 255
    assert torch.equal(data.from_folder(tmp_path)[0, 0], turned)


def test_16_bits_are_refused(tmp_path):
    deep = bytes_of(4, 4).astype(np.uint16) * 257
    save(tmp_path / "deep.png", deep)
    with pytest.raises(ValueError, match=r"deep.png has .* I;16.* / 65535"):
        data.from_folder(tmp_path)
    with Image.open(tmp_path / "deep.png") as picture:
        images = data.from_arrays([np.asarray(picture) / 65535])
    assert torch.equal(images[0, 0], torch.from_numpy(bytes_of(4, 4)) / 255)


def test_several_pictures_in_a_file_are_refused(tmp_path):
    one, two = (Image.fromarray(bytes_of(4, 4)) for _ in range(2))
    one.save(tmp_path / "two.tif", save_all=True, append_images=[two])
    with pytest.raises(ValueError, match=r"two.tif holds 2 pictures"):
        data.from_folder(tmp_path)


def test_a_photo_with_its_preview_is_one_picture(tmp_path):
    photo, preview = Image.new("RGB", (8, 8), "red"), Image.new("RGB", (4, 4))
    more = {"save_all": True, "append_images": [preview]}
    photo.save(tmp_path / "a.jpg", "MPO", **more)
    images = data.from_folder(tmp_path)
    assert images.shape == (1, 3, 8, 8) and images[0, 0].min() > 0.9
