import { expect, it } from "vitest";
import type { FileDetails } from "../../src/api/client.ts";
import { storyOf } from "../../src/file/story.tsx";

const base = { uploadedAt: "2026-11-23T08:00:00Z", facts: [], status: "received" } as unknown as FileDetails;
const titles = (change: Partial<FileDetails>) => storyOf({ ...base, ...change }).map((step) => step.title);

it("tells what has happened and what has not", () => {
  expect(titles({})).toEqual(["Arrived", "People not told yet", "Waits to be inspected"]);
  expect(titles({ status: "processed", processedAt: "x", notified: { how: "digest" } })).toEqual([
    "Arrived",
    "People told in a digest",
    "Inspected",
  ]);
  expect(titles({ status: "failed", notified: { how: "none" } })).toEqual([
    "Arrived",
    "Nobody to tell: no rule matches",
    "Inspection failed",
  ]);
  expect(titles({ status: "removed", removedAt: "x" })).toEqual(["Arrived", "Removed"]);
});
