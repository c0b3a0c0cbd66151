import { expect, it } from "vitest";
import type { Scan } from "../../src/api/client.ts";
import { SCAN_LABELS, scanText, scanTitle } from "../../src/file/scan.tsx";

const said = (scan: Scan, minutes = 0) => `${scanTitle(scan)}. ${scanText(scan, minutes * 60_000)}`;

it("names the threat of an infected file and says that it is not handed out", () => {
  const text = said({ state: "infected", reason: "EICAR-Test-File", refused: true });
  expect(text).toContain("found EICAR-Test-File");
  expect(text).toContain("cannot be downloaded");
});

it("says why a file could not be scanned, and whether it can be had", () => {
  expect(said({ state: "unscannable", reason: "UNSUPPORTED" })).toMatch(/\(UNSUPPORTED\).*can be downloaded: open it/);
  expect(said({ state: "unscannable", reason: "FAILED", refused: true })).toContain("Only files that are known");
  expect(said({ state: "unscanned", refused: true })).toContain("Only files that are known");
});

it.each([
  [1, "usually within a minute"],
  [6, "takes longer than usual"],
  [16, "have been alarmed"],
])("promises nothing of a scan that has been waited for for %i minutes that it has not kept", (minutes, expected) => {
  const promises = ["usually within a minute", "takes longer than usual", "have been alarmed"];
  const text = said({ state: "pending", refused: true }, minutes);
  expect(promises.filter((promise) => text.includes(promise))).toEqual([expected]);
});

it("has a word and a text for every state", () => {
  for (const state of Object.keys(SCAN_LABELS) as Scan["state"][]) expect(said({ state }).length).toBeGreaterThan(20);
});

it("shows no character of a threat's name that hides others", () => {
  expect(said({ state: "infected", reason: "a\u202Eb" })).not.toContain("\u202E");
});
