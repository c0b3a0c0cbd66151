"""Composition root: read the settings, build the system, export what operators need."""

import signal

import pulumi

from components.file_notifications import FileNotifications
from components.settings import Settings

if __name__ == "__main__":
    # When a preview is refused, the engine interrupts this program, whose traceback would hide the reason.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

system = FileNotifications("file-notifications", Settings.from_config(pulumi.Config()))
for name, value in system.outputs.items():
    pulumi.export(name, value)
