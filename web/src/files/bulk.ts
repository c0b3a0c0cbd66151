// One action on many files: a few at a time, with an outcome for each file.
import { signal } from "@preact/signals";
import type { File } from "../api/client";
import { ApiError, canRetry, messageOf } from "../api/errors";

/** Requests at a time: browsers open about six connections, and the list goes on polling. */
export const AT_A_TIME = 4;
/** How often a request is repeated that was refused for being one too many: after 1, 2, 4 and 8 seconds. */
export const MOST_REPEATS = 4;

export type Outcome<Result> =
  | { state: "waiting" | "running" | "stopped" }
  | { state: "done"; result: Result }
  | { state: "failed"; reason: string; final: boolean };

export class Bulk<Result> {
  readonly files: readonly File[];
  /** By file id. */
  readonly outcomes = signal<ReadonlyMap<string, Outcome<Result>>>(new Map());
  readonly running = signal(false);
  readonly #action: (file: File) => Promise<Result>;
  readonly #wait: (milliseconds: number) => Promise<void>;
  #stopped = false;

  constructor(
    files: readonly File[],
    action: (file: File) => Promise<Result>,
    wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)),
  ) {
    this.files = files;
    this.#action = action;
    this.#wait = wait;
    this.outcomes.value = new Map(files.map((file) => [file.id, { state: "waiting" }]));
  }

  withState(state: Outcome<Result>["state"]): File[] {
    return this.files.filter((file) => this.outcomes.value.get(file.id)?.state === state);
  }

  /** The files that are neither done nor refused for good. */
  unfinished(): File[] {
    return this.files.filter((file) => {
      const outcome = this.outcomes.value.get(file.id);
      return outcome?.state === "failed" ? !outcome.final : outcome?.state !== "done";
    });
  }

  /** Performs the action on every unfinished file. Resolves when all have an outcome; never rejects. */
  async run(): Promise<void> {
    if (this.running.value) return;
    this.running.value = true;
    this.#stopped = false;
    const queue = this.unfinished();
    for (const file of queue) this.#record(file, { state: "waiting" });
    const worker = async () => {
      for (let file = queue.shift(); file; file = queue.shift()) await this.#perform(file);
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, worker));
    this.running.value = false;
  }

  /** Starts no further file; requests that are on their way are finished. */
  stop(): void {
    this.#stopped = true;
  }

  async #perform(file: File): Promise<void> {
    if (this.#stopped) return this.#record(file, { state: "stopped" });
    this.#record(file, { state: "running" });
    try {
      this.#record(file, { state: "done", result: await this.#patiently(file) });
    } catch (thrown) {
      this.#record(file, { state: "failed", reason: messageOf(thrown), final: !canRetry(thrown) });
    }
  }

  /** Repeats what was refused as one request too many, which never reached the service. */
  async #patiently(file: File): Promise<Result> {
    for (let repeats = 0; ; repeats++) {
      try {
        return await this.#action(file);
      } catch (thrown) {
        const tooMany = thrown instanceof ApiError && thrown.status === 429;
        if (!tooMany || repeats === MOST_REPEATS || this.#stopped) throw thrown;
        await this.#wait(1000 * 2 ** repeats);
      }
    }
  }

  #record(file: File, outcome: Outcome<Result>): void {
    this.outcomes.value = new Map(this.outcomes.value).set(file.id, outcome);
  }
}
