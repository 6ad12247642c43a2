"""The hourglass answers with a map a point, whatever the brightness, and every weight can learn."""

from __future__ import annotations

import torch

from thlab.nn.heatmap_network import HeatmapNetwork, HeatmapNetworkConfig, standardised

CONFIG = HeatmapNetworkConfig(size=32, points=5, channels=8, depth=2)


def test_maps_are_half_as_large_as_the_picture_and_pictures_of_other_sizes_are_scaled():
    network = HeatmapNetwork(CONFIG).eval()
    for size in (32, 47):
        said = network(torch.rand(3, 3, size, size))
        assert said.logits.shape == (3, 5, 16, 16)
        assert said.face.shape == (3,)


def test_brightness_and_contrast_hardly_matter():
    picture = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    assert (standardised(picture) - standardised(0.5 * picture + 0.3)).abs().max() < 0.25
    assert torch.isfinite(standardised(torch.ones(1, 3, 8, 8))).all()


def test_gradients_reach_every_weight():
    network = HeatmapNetwork(CONFIG)
    said = network(torch.rand(2, 3, 32, 32))
    (said.logits.square().mean() + said.face.square().mean()).backward()
    assert all(weight.grad is not None and weight.grad.abs().max() > 0 for weight in network.parameters())


def test_it_has_a_few_hundred_thousand_weights():
    assert 3e5 < sum(weight.numel() for weight in HeatmapNetwork().parameters()) < 6e5


def test_it_learns_where_a_spot_is():
    torch.manual_seed(0)
    network = HeatmapNetwork(HeatmapNetworkConfig(size=16, points=1, channels=8, depth=1))
    places = torch.randint(1, 7, (32, 2))
    pictures = torch.zeros(32, 3, 16, 16)
    for row, (x, y) in enumerate((2 * places).tolist()):
        pictures[row, :, y : y + 2, x : x + 2] = 1
    optimizer = torch.optim.Adam(network.parameters(), 1e-2)
    for _ in range(40):
        loss = torch.nn.functional.cross_entropy(network(pictures).logits.flatten(1), places[:, 1] * 8 + places[:, 0])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    found = network.eval()(pictures).logits.flatten(1).argmax(1)
    assert (found == places[:, 1] * 8 + places[:, 0]).float().mean() > 0.9
