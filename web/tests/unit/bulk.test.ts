import { describe, expect, it, vi } from "vitest";
import type { File } from "../../src/api/client.ts";
import { ApiError } from "../../src/api/errors.ts";
import { AT_A_TIME, Bulk, MOST_REPEATS } from "../../src/files/bulk.ts";

const files = (count: number): File[] => Array.from({ length: count }, (_, i) => ({ id: `id-${i}` }) as File);
const states = (bulk: Bulk<unknown>) => [...bulk.outcomes.value.values()].map((outcome) => outcome.state);
const tooMany = () => new ApiError(429, "too_many_requests", "Too many requests.");

describe("an action on many files", () => {
  it("has an outcome for each file, whatever happens to the others", async () => {
    const bulk = new Bulk(files(3), async (file) => {
      if (file.id === "id-1") throw new ApiError(410, "gone", "The file was removed.");
      return file.id;
    });
    await bulk.run();
    expect([...bulk.outcomes.value.values()]).toEqual([
      { state: "done", result: "id-0" },
      { state: "failed", reason: "The file was removed.", final: true },
      { state: "done", result: "id-2" },
    ]);
  });

  it(`never sends more than ${AT_A_TIME} requests at a time`, async () => {
    let now = 0;
    let most = 0;
    const bulk = new Bulk(files(40), async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 1));
      now -= 1;
    });
    await bulk.run();
    expect(most).toBe(AT_A_TIME);
    expect(bulk.withState("done")).toHaveLength(40);
  });

  it("repeats only what is not done", async () => {
    const action = vi.fn(async (file: File) => {
      if (file.id === "id-1" && action.mock.calls.length < 4) throw new Error("no");
    });
    const bulk = new Bulk(files(3), action);
    await bulk.run();
    await bulk.run();
    expect(action.mock.calls.map(([file]) => file.id)).toEqual(["id-0", "id-1", "id-2", "id-1"]);
    expect(states(bulk)).toEqual(["done", "done", "done"]);
  });

  it("does not repeat what was refused for good", async () => {
    const action = vi.fn().mockRejectedValue(new ApiError(409, "conflict", "The file is infected."));
    const bulk = new Bulk(files(1), action);
    await bulk.run();
    expect(bulk.unfinished()).toEqual([]);
    await bulk.run();
    expect(action).toHaveBeenCalledOnce();
    expect(states(bulk)).toEqual(["failed"]);
  });

  it("starts no further file once it is stopped, and can be continued", async () => {
    const action = vi.fn(async () => {
      if (action.mock.calls.length === 3) bulk.stop();
    });
    const bulk = new Bulk(files(10), action);
    await bulk.run();
    expect(states(bulk)).toEqual([...Array(3).fill("done"), ...Array(7).fill("stopped")]);
    await bulk.run();
    expect(states(bulk)).toEqual(Array(10).fill("done"));
    expect(action).toHaveBeenCalledTimes(10);
  });

  it("waits longer and longer when there are too many requests", async () => {
    const waited: number[] = [];
    const action = vi.fn().mockRejectedValueOnce(tooMany()).mockRejectedValueOnce(tooMany()).mockResolvedValue("ok");
    const bulk = new Bulk(files(1), action, async (milliseconds) => void waited.push(milliseconds));
    await bulk.run();
    expect(waited).toEqual([1000, 2000]);
    expect(states(bulk)).toEqual(["done"]);
  });

  it("gives up on a file after too many refusals", async () => {
    const action = vi.fn().mockRejectedValue(tooMany());
    const bulk = new Bulk(files(1), action, async () => undefined);
    await bulk.run();
    expect(action).toHaveBeenCalledTimes(1 + MOST_REPEATS);
    expect(states(bulk)).toEqual(["failed"]);
  });
});
