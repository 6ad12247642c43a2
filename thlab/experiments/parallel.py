"""Several processes that train one network: who is who, and how they agree. Alone, all of it does nothing.

Start them with PyTorch's own launcher: ``torchrun --nproc-per-node 2 -m thlab train NAME``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, distributed, nn


def launched() -> bool:
    """Whether ``torchrun`` started this process among others."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def joined() -> bool:
    """Whether the processes know each other."""
    return distributed.is_available() and distributed.is_initialized()


def rank() -> int:
    """The number of this process."""
    return distributed.get_rank() if joined() else 0


def world_size() -> int:
    """How many processes there are."""
    return distributed.get_world_size() if joined() else 1


@contextmanager
def together(device: torch.device) -> Iterator[torch.device]:
    """Join the processes that ``torchrun`` started, and part at the end; yields the device of this one."""
    if not launched():
        yield device
        return
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield device
    finally:
        distributed.destroy_process_group()


@contextmanager
def first_alone() -> Iterator[None]:
    """Let the first process do the body, say fill a cache, before the others do."""
    if joined() and rank() > 0:
        distributed.barrier()
    yield
    if joined() and rank() == 0:
        distributed.barrier()


@torch.no_grad()
def same_start(module: nn.Module) -> None:
    """Give all processes the weights of the first."""
    if joined():
        for tensor in module.state_dict().values():
            distributed.broadcast(tensor, 0)


@torch.no_grad()
def average_over_processes(parameters: Iterable[nn.Parameter], buffers: Iterable[Tensor]) -> None:
    """Make gradients and buffers the mean over all processes, in one message."""
    if not joined():
        return
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    tensors = gradients + [buffer for buffer in buffers if buffer.is_floating_point()]
    message = torch.cat([tensor.flatten() for tensor in tensors])
    distributed.all_reduce(message)
    message /= world_size()
    for tensor, mean in zip(tensors, message.split([tensor.numel() for tensor in tensors]), strict=True):
        tensor.copy_(mean.view_as(tensor))
