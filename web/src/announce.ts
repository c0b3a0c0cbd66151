// Short confirmations: shown for a few seconds, and announced by screen readers.
import { signal } from "@preact/signals";

interface Toast {
  text: string;
  tone: "done" | "failed";
}

export const toast = signal<Toast | undefined>(undefined);
/** For screen readers only: what is visible on the page anyway. */
export const spoken = signal("");

let timer: ReturnType<typeof setTimeout> | undefined;

export function announce(text: string, tone: Toast["tone"] = "done"): void {
  toast.value = { text, tone };
  clearTimeout(timer);
  timer = setTimeout(
    () => {
      toast.value = undefined;
    },
    tone === "failed" ? 10_000 : 5_000,
  );
}

/** The same words again are read again: a no-break space makes them another text. */
export function say(text: string): void {
  spoken.value = spoken.value === text ? `${text}\u00A0` : text;
}
