"""One process that uses a budget: waits for a line of input, then prints when each request would have been sent."""

from __future__ import annotations

import sys
import threading
import time

from akeneo_assets.http.governor import Limits, Slot
from akeneo_assets.store.store import Store


def spend(store: Store, limits: Limits, requests: int, sent: list[float]) -> None:
    while len(sent) < requests:
        result = store.budget.acquire("akeneo", limits, 60)
        if isinstance(result, Slot):
            sent.append(time.time())
            store.budget.release(result)
        else:
            time.sleep(result)


def main(url: str, requests: str, seconds: str, threads: str, each: str) -> None:
    store = Store.open(url)
    limits = Limits(int(requests), float(seconds), 100)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    times: list[list[float]] = [[] for _ in range(int(threads))]
    workers = [threading.Thread(target=spend, args=(store, limits, int(each), sent)) for sent in times]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    store.close()
    sys.stdout.write(" ".join(str(moment) for sent in times for moment in sent))


if __name__ == "__main__":
    main(*sys.argv[1:])
