import { expect, it } from "vitest";
import type { Scan } from "../../src/api/client.ts";
import { SCAN_LABELS, scanText } from "../../src/file/scan.tsx";

const said = (scan: Scan) => Object.values(scanText(scan)).join(". ");

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

it("has a word and a text for every state", () => {
  for (const state of Object.keys(SCAN_LABELS) as Scan["state"][]) expect(said({ state }).length).toBeGreaterThan(20);
});

it("shows no character of a threat's name that hides others", () => {
  expect(said({ state: "infected", reason: "a\u202Eb" })).not.toContain("\u202E");
});
