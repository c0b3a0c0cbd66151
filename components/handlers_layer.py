"""The third-party packages that all functions share."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.labels import name_of_stack
from components.packaging import REQUIREMENTS, TIME_ZONES, layer_archive

RUNTIME = "python3.13"
ARCHITECTURE = "arm64"


class HandlersLayer(pulumi.ComponentResource):
    """The layer of a region's functions.

    Makes: one layer version, from the distributions that are installed beside this program.
    Guarantees: the functions run the packages that the tests ran. With `bytecode` it holds their bytecode too, and
    functions that use it bring that of their own code. With `time_zones` it holds the time zone database, for which AWS
    does not document that the runtime has it.
    """

    arn: pulumi.Output[str]
    bytecode: bool

    def __init__(
        self, name: str, *, bytecode: bool, time_zones: bool, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("file-notifications:components:HandlersLayer", name, None, opts)
        layer = aws.lambda_.LayerVersion(
            f"{name}-packages",
            # Not auto-named: without the stack's name two stacks of one account would share, and delete, one layer.
            layer_name=name_of_stack(name),
            code=layer_archive((*REQUIREMENTS, TIME_ZONES) if time_zones else REQUIREMENTS, bytecode=bytecode),
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[ARCHITECTURE],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn, self.bytecode = layer.arn, bytecode
        self.register_outputs({"arn": self.arn})
