import { describe, expect, it } from "vitest";
import { decodeHead } from "../../src/file/text-head.ts";

const decoded = (...bytes: number[]) => decodeHead(new Uint8Array(bytes));

describe("the beginning of a text", () => {
  it("is read as UTF-8, also where its last character is cut in two", () => {
    expect(decoded(0x68, 0xc3, 0xa9)).toBe("hé");
    expect(decoded(0x68, 0xc3)).toBe("h");
  });

  it("is read as UTF-16 by its mark", () => {
    expect(decoded(0xff, 0xfe, 0xe9, 0x00)).toBe("é");
    expect(decoded(0xfe, 0xff, 0x00, 0xe9, 0x00)).toBe("é");
  });

  it("is read as Windows-1252 where it cannot be UTF-8", () => {
    expect(decoded(0x68, 0xe9, 0x68)).toBe("héh");
  });
});
