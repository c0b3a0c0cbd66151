"""Composition root: read the settings, build the system, export what operators need."""

import pulumi

from components.file_notifications import FileNotifications
from components.settings import Settings

system = FileNotifications("file-notifications", Settings.from_config(pulumi.Config()))
for name, value in system.outputs.items():
    pulumi.export(name, value)
