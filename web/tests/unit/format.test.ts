import { describe, expect, it } from "vitest";
import { formatBytes, formatBytesExactly, formatDay, formatMoment, formatWhen, plural } from "../../src/text/format.ts";

describe("sizes", () => {
  it.each([
    [0, "0 bytes"],
    [1, "1 byte"],
    [1023, "1,023 bytes"],
    [1024, "1 KB"],
    [186_368, "182 KB"],
    [1_048_063, "1,023 KB"],
    [1_048_570, "1 MB"],
    [5_033_164, "4.8 MB"],
    [1_395_864_371, "1.3 GB"],
    [5 * 1024 ** 5, "5 PB"],
    [5000 * 1024 ** 5, "5,000 PB"],
  ])("%d is %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it("are exact where it matters", () => {
    expect(formatBytesExactly(186_368)).toBe("182 KB (186,368 bytes)");
    expect(formatBytesExactly(12)).toBe("12 bytes");
  });
});

describe("times", () => {
  const now = new Date(2026, 10, 23, 14, 30);
  const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();
  it.each([
    [0, "just now"],
    [-0.5, "just now"],
    [1, "1 min ago"],
    [59, "59 min ago"],
    [90, "13:00"],
    [60 * 15, "Yesterday, 23:30"],
    [60 * 24 * 5, "18 Nov, 14:30"],
    [60 * 24 * 365, "23 Nov 2025, 14:30"],
  ])("%d minutes ago", (minutes, text) => {
    expect(formatWhen(ago(minutes), now)).toBe(text);
  });

  it("group by day", () => {
    expect(formatDay(ago(10), now)).toBe("Today");
    expect(formatDay(ago(60 * 15), now)).toBe("Yesterday");
    expect(formatDay(ago(60 * 24 * 5), now)).toMatch(/^Wednesday,? 18 November$/);
    expect(formatDay(ago(60 * 24 * 365), now)).toMatch(/2025/);
  });

  it("name their time zone where they are to be compared with a mail or a log", () => {
    expect(formatMoment("2026-11-23T08:41:07Z")).toMatch(/2026.*:41:07 \S+$/);
  });

  it("are given as they are when they are none", () => {
    expect(formatWhen("soon", now)).toBe("soon");
  });
});

it("counts in words", () => {
  expect(plural(1, "file")).toBe("1 file");
  expect(plural(1204, "file")).toBe("1,204 files");
});
