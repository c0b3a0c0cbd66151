// Polls while the page is visible: not in a hidden tab, not offline, and less often after failures.

const LONGEST_MS = 60_000;

export interface Polling {
  /** Polls now and restarts the interval. */
  now(): void;
  stop(): void;
}

export function poll(look: (signal: AbortSignal) => Promise<void>, everyMs: number | (() => number)): Polling {
  const interval = () => (typeof everyMs === "number" ? everyMs : everyMs());
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: AbortController | undefined;
  let failures = 0;
  let stopped = false;

  const mayLook = () => !stopped && !document.hidden && navigator.onLine;

  async function run(): Promise<void> {
    clearTimeout(timer);
    if (!mayLook()) return;
    running?.abort();
    const mine = new AbortController();
    running = mine;
    try {
      await look(mine.signal);
      failures = 0;
    } catch {
      // The caller reports the error; here it only lengthens the interval.
      failures += 1;
    }
    if (running !== mine || stopped) return;
    timer = setTimeout(run, Math.min(interval() * 2 ** failures, Math.max(LONGEST_MS, interval())));
  }

  function onChange(): void {
    if (mayLook()) void run();
    else clearTimeout(timer);
  }

  document.addEventListener("visibilitychange", onChange);
  window.addEventListener("online", onChange);
  window.addEventListener("offline", onChange);
  void run();

  return {
    now: () => void run(),
    stop() {
      stopped = true;
      clearTimeout(timer);
      running?.abort();
      document.removeEventListener("visibilitychange", onChange);
      window.removeEventListener("online", onChange);
      window.removeEventListener("offline", onChange);
    },
  };
}
