"""Labels: addresses, and names of stacks, as parts of resources' names."""

from __future__ import annotations

import re
from hashlib import sha256

import pulumi

READABLE = 30
"""Characters of an address. A permission's name has 100 (Lambda), of which the longest region's takes 70 around it."""


def label(address: str, *, readable: int = READABLE) -> str:
    """A part for a resource's name: readable, legal everywhere, and different for every address."""
    without_account = re.sub(r"^arn:[^:]*:([a-z]+):[^:]*:[0-9]+:", r"\1-", address)
    words = re.sub(r"[^A-Za-z0-9]+", "-", without_account).strip("-")[:readable].strip("-")
    return f"{words}-{sha256(address.encode()).hexdigest()[:6]}"


def name_of_stack(name: str) -> str:
    """`name` with the stack's. Pulumi lets a stack's name have dots; names of layers and dashboards may have none."""
    return f"{name}-{pulumi.get_stack().replace('.', '_')}"
