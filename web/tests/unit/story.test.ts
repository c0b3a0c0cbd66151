import { expect, it } from "vitest";
import type { FileDetails } from "../../src/api/client.ts";
import { storyOf } from "../../src/file/story.tsx";

const base = { uploadedAt: "2026-11-23T08:00:00Z", facts: [], status: "received" } as unknown as FileDetails;
const titles = (change: Partial<FileDetails>) => storyOf({ ...base, ...change }).map((step) => step.title);

it("lists the steps that are done and those to come", () => {
  expect(titles({})).toEqual(["Arrived", "People not notified yet", "Waits to be inspected"]);
  expect(titles({ status: "processed", processedAt: "x", notified: { how: "digest" } })).toEqual([
    "Arrived",
    "People notified in a digest",
    "Inspected",
  ]);
  expect(titles({ status: "failed", notified: { how: "none" } })).toEqual([
    "Arrived",
    "No person to notify",
    "Inspection failed",
  ]);
  expect(titles({ status: "removed", removedAt: "x" })).toEqual(["Arrived", "Removed"]);
});

it("calls a broken file what its notification calls it", () => {
  const broken = { status: "failed", failure: { code: "broken", message: "The archive is cut off." } } as const;
  expect(titles(broken).at(-1)).toBe("Found broken");
  expect(titles({ ...broken, failure: { code: "gone", message: "" } }).at(-1)).toBe("Inspection failed");
});

it("ends with what the malware scan found, where files are scanned", () => {
  const last = (state: "clean" | "infected" | "pending" | "unscanned") => storyOf({ ...base, scan: { state } }).at(-1);
  expect(last("clean")).toMatchObject({ title: "No malware found", state: "done" });
  expect(last("infected")).toMatchObject({ title: "Malware found", state: "bad" });
  expect(last("pending")).toMatchObject({ title: "Waits for the malware scan", state: "waiting" });
  expect(last("unscanned")?.title).toBe("Waits to be inspected");
});

it("says who removed the file, where that is known", () => {
  const removed = { status: "removed", removedAt: "x" } as const;
  expect(storyOf({ ...base, ...removed, removedBy: "maria" }).at(-1)).toMatchObject({ title: "Removed", by: "maria" });
  expect(storyOf({ ...base, ...removed }).at(-1)?.by).toBeUndefined();
});
