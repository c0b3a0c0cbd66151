"""Many files at once, on a computer that can only handle a few at a time."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from bench.memory import Watch
from tests.e2e.stack import EVERYONE

FILES = 300
CLIENTS = 8
MOST_MEGABYTES = 800
"""For the emulator and all functions: four to sixteen workers of about 45 MB, and the server."""


def test_three_hundred_uploads_by_eight_clients_all_become_mails(stack, unique, capsys):
    keys = [f"storm/{unique}/{number:03}" for number in range(FILES)]
    with Watch(stack.emulator_group()) as memory:
        began = time.monotonic()
        with ThreadPoolExecutor(CLIENTS) as clients:
            list(clients.map(stack.upload, keys))
        uploaded = time.monotonic() - began
        stack.wait_for_mails(unique, count=FILES, seconds=300)
        notified = time.monotonic() - began
    stack.settle(*keys)

    mails = Counter(mail.subject for mail in stack.mails(unique, to=EVERYONE))
    assert len(mails) == FILES
    assert max(mails.values()) == 1
    assert memory.peak < MOST_MEGABYTES
    with capsys.disabled():
        print(f"\n{FILES} uploads in {uploaded:.1f} s, all mails after {notified:.1f} s, at most {memory.peak:.0f} MB")
