"""The published network: names and shapes as its authors list them, and a file that does not fit is refused."""

from __future__ import annotations

import pytest
import torch

from thlab.nn.experts.syncnet import SyncNet
from thlab.nn.experts.syncnet_official import OfficialSyncNet, load_official

CONVOLUTIONS = {
    "netcnnaud.0": (64, 1, 3, 3),
    "netcnnaud.4": (192, 64, 3, 3),
    "netcnnaud.8": (384, 192, 3, 3),
    "netcnnaud.11": (256, 384, 3, 3),
    "netcnnaud.14": (256, 256, 3, 3),
    "netcnnaud.18": (512, 256, 5, 4),
    "netcnnlip.0": (96, 3, 5, 7, 7),
    "netcnnlip.4": (256, 96, 1, 5, 5),
    "netcnnlip.8": (256, 256, 1, 3, 3),
    "netcnnlip.11": (256, 256, 1, 3, 3),
    "netcnnlip.14": (256, 256, 1, 3, 3),
    "netcnnlip.18": (512, 256, 1, 6, 6),
    "netfcaud.0": (512, 512),
    "netfcaud.3": (1024, 512),
    "netfclip.0": (512, 512),
    "netfclip.3": (1024, 512),
}
"""Of SyncNetModel.py in joonson/syncnet_python; in the towers a norm follows each but the last of a head."""


@pytest.fixture(scope="module")
def net() -> OfficialSyncNet:
    torch.manual_seed(0)
    return OfficialSyncNet().eval()


def test_names_and_shapes_are_those_of_the_authors(net):
    listed = {}
    for place, shape in CONVOLUTIONS.items():
        listed |= {f"{place}.weight": shape, f"{place}.bias": shape[:1]}
        room, number = place.split(".")
        if place not in ("netfcaud.3", "netfclip.3"):
            norm = ("weight", "bias", "running_mean", "running_var")
            listed |= {f"{room}.{int(number) + 1}.{name}": shape[:1] for name in norm}
    own = {name: tuple(value.shape) for name, value in net.state_dict().items() if "num_batches" not in name}
    assert own == listed


def test_it_sees_and_hears_as_ours_does_a_vector_a_window(net):
    assert isinstance(net, SyncNet)
    with torch.no_grad():
        pictures = torch.rand(1, 6, 3, 224, 224)
        seen, heard = net.see(pictures), net.hear(torch.randn(1, 24, 13))
        assert seen.shape == heard.shape == (1, 2, 1024)
        assert torch.allclose(seen[:, 1:], net.see(pictures[:, 1:]), atol=1e-4)


def test_it_is_fed_blue_first_and_bytes(net):
    blue = torch.zeros(1, 5, 3, 224, 224)
    blue[:, :, 2] = 1
    fed = []
    handle = net.netcnnlip.register_forward_pre_hook(lambda _, inputs: fed.append(inputs[0]))
    with torch.no_grad():
        net.see(blue)
    handle.remove()
    assert fed[0].shape == (1, 3, 5, 224, 224)
    assert fed[0].amax((0, 2, 3, 4)).tolist() == [255, 0, 0]


def test_weights_of_an_old_file_load_without_the_counters_of_norms(net, tmp_path):
    old = {name: value for name, value in net.state_dict().items() if not name.endswith("num_batches_tracked")}
    torch.save(old, tmp_path / "syncnet_v2.model")
    loaded = load_official(tmp_path / "syncnet_v2.model")
    assert all(torch.equal(loaded.state_dict()[name], value) for name, value in old.items())
    assert not loaded.training
    assert not any(parameter.requires_grad for parameter in loaded.parameters())


class Trap:
    """What a pickle could run."""

    def __reduce__(self):
        return print, ("it ran",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "is no file; get syncnet_v2.model"),
        (b"no weights", "holds no weights that can be read safely"),
        ([torch.ones(2)], "holds no table of tensors"),
        ({"netfcaud.0.weight": torch.ones(3, 3)}, r"does not fit the published SyncNet in \d+ places"),
        ({"trap": Trap()}, "cannot be read safely|holds no weights that can be read safely"),
    ],
)
def test_a_file_that_is_missing_or_does_not_fit_is_refused_in_one_line(tmp_path, capsys, content, message):
    path = tmp_path / "syncnet_v2.model"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        torch.save(content, path)
    with pytest.raises(ValueError, match=message) as refused:
        load_official(path)
    assert "\n" not in str(refused.value)
    assert capsys.readouterr().out == ""
