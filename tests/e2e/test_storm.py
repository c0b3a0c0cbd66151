"""Many files at once, on a computer that can only handle a few at a time."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

from bench.memory import megabytes
from tests.e2e.stack import EVERYONE

FILES = 300
CLIENTS = 8
MOST_MEGABYTES = 800
"""For the emulator and all functions: four to sixteen workers of about 45 MB, and the server."""


def test_three_hundred_uploads_by_eight_clients_all_become_mails(stack, unique, capsys):
    ended, peak = Event(), [0.0]

    def watch() -> None:
        while not ended.wait(0.5):
            peak[0] = max(peak[0], megabytes(stack.emulator_group()))

    watcher = Thread(target=watch)
    watcher.start()
    began = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(lambda number: stack.upload(f"storm/{unique}/{number:03}"), range(FILES)))
    uploaded = time.monotonic() - began
    stack.wait_for_mails(unique, count=FILES, seconds=90)
    notified = time.monotonic() - began
    ended.set()
    watcher.join()
    stack.settle()

    mails = Counter(mail.subject for mail in stack.mails(unique, to=EVERYONE))
    assert len(mails) == FILES
    assert max(mails.values()) == 1
    assert peak[0] < MOST_MEGABYTES
    with capsys.disabled():
        print(f"\n{FILES} uploads in {uploaded:.1f} s, all mails after {notified:.1f} s, at most {peak[0]:.0f} MB")
