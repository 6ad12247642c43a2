from __future__ import annotations

import torch

from thlab.nn.sequence import TemporalConvNet, parameter_count


def network(seed: int = 0) -> TemporalConvNet:
    torch.manual_seed(seed)
    return TemporalConvNet(8, (1, 2, 4)).eval()


def test_an_output_sees_exactly_as_far_as_the_reach_says():
    net = network()
    x = torch.zeros(1, 8, 64, requires_grad=True)
    net(x)[0, :, 32].sum().backward()
    seen = torch.nonzero(x.grad.abs().sum((0, 1))).flatten()
    assert (seen.min().item(), seen.max().item()) == (32 - net.reach, 32 + net.reach)


def test_what_is_far_away_in_time_does_not_matter():
    net = network()
    x = torch.randn(1, 8, 100, generator=torch.Generator().manual_seed(1))
    longer = torch.cat([x, 5 * torch.randn(1, 8, 50, generator=torch.Generator().manual_seed(2))], dim=2)
    torch.testing.assert_close(net(longer)[..., : 100 - net.reach], net(x)[..., : 100 - net.reach])


def test_parameters_are_counted():
    assert parameter_count(torch.nn.Linear(3, 5)) == 3 * 5 + 5
