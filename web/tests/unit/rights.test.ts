import { expect, it } from "vitest";
import type { Me } from "../../src/api/client.ts";
import { rightsInWords } from "../../src/session/rights.ts";

it.each<[string | undefined, Me | undefined]>([
  [undefined, undefined],
  ["In no group. May nothing.", { name: "maria", groups: [], can: [], folders: [] }],
  ["In editors. May read, upload.", { name: "maria", groups: ["editors"], can: ["read", "upload"] }],
  ["In a, b. May read, in x/.", { name: "maria", groups: ["a", "b"], can: ["read"], folders: ["x/"] }],
])("says %s", (words, me) => {
  expect(rightsInWords(me)).toBe(words);
});
