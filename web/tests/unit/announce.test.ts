import { expect, it } from "vitest";
import { say, spoken } from "../../src/announce.ts";

it("says the same words again as another text, so that they are read again", () => {
  say("1 file arrived");
  const first = spoken.value;
  say("1 file arrived");

  expect(spoken.value).not.toBe(first);
  expect(spoken.value.trim()).toBe("1 file arrived");
});
