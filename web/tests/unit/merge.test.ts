import { describe, expect, it } from "vitest";
import type { File } from "../../src/api/client.ts";
import { append, layOver, newIds } from "../../src/files/merge.ts";

const T0 = Date.UTC(2026, 10, 23, 12);
/** A file uploaded at minute n. */
function file(n: number, change: Partial<File> = {}): File {
  return {
    id: `id-${n}`,
    key: `k/${String(n).padStart(3, "0")}`,
    name: String(n),
    folder: "k",
    bucket: "b",
    region: "r",
    size: 1,
    uploadedAt: new Date(T0 + n * 60_000).toISOString(),
    status: "processed",
    can: [],
    ...change,
  };
}
/** Minutes from `from` down to `to`. */
const down = (from: number, to: number): File[] => Array.from({ length: from - to + 1 }, (_, i) => file(from - i));
const names = (files: File[]): string[] => files.map((one) => one.name);

describe("a fresh first page over the list", () => {
  const known = down(100, 51);

  it("puts new files on top and keeps what was loaded further down", () => {
    const merged = layOver(known, "older", { files: down(103, 54), cursor: "c54" }, "newest");
    expect(names(merged.files)).toEqual(names(down(103, 51)));
    expect(merged.cursor).toBe("older");
    expect(merged.gap).toBe(false);
  });

  it("takes over changes", () => {
    const changed = down(100, 51).map((one) => ({ ...one, status: "failed" as const }));
    const merged = layOver([...known, ...down(50, 1)], undefined, { files: changed, cursor: "c" }, "newest");
    expect(merged.files.slice(0, 50).every((one) => one.status === "failed")).toBe(true);
    expect(merged.files).toHaveLength(100);
    expect(merged.cursor).toBeUndefined();
  });

  it("moves a file that was uploaded again, and shows it once", () => {
    const again = file(60, { uploadedAt: new Date(T0 + 200 * 60_000).toISOString() });
    const merged = layOver(
      known,
      "older",
      { files: [again, ...down(100, 61), ...down(59, 52)], cursor: "c" },
      "newest",
    );
    expect(merged.files[0]?.name).toBe("60");
    expect(merged.files.filter((one) => one.name === "60")).toHaveLength(1);
    expect(merged.files.at(-1)?.name).toBe("51");
  });

  it("drops what is gone from within the page", () => {
    const page = down(100, 50).filter((one) => one.name !== "70");
    expect(names(layOver(known, "older", { files: page, cursor: "c" }, "newest").files)).not.toContain("70");
  });

  it("starts over when more arrived than a page holds", () => {
    const merged = layOver(known, "older", { files: down(400, 351), cursor: "c351" }, "newest");
    expect(names(merged.files)).toEqual(names(down(400, 351)));
    expect(merged.cursor).toBe("c351");
    expect(merged.gap).toBe(true);
  });

  it("is the list when it has no cursor", () => {
    expect(layOver(known, "older", { files: down(3, 1) }, "newest")).toEqual({
      files: down(3, 1),
      cursor: undefined,
      gap: false,
    });
    expect(layOver(known, "older", { files: [] }, "newest").files).toEqual([]);
  });

  it("keeps files of the same moment as the page's last one", () => {
    const uploadedAt = file(2).uploadedAt;
    const list = [file(3), file(2), file(1, { uploadedAt })];
    const merged = layOver(list, "older", { files: [file(3), file(2)], cursor: "c" }, "newest");
    expect(names(merged.files)).toEqual(["3", "2", "1"]);
  });

  it("keeps the order of keys as S3 has it", () => {
    const keyed = (key: string) => file(1, { id: key, key, name: key });
    const list = ["a", "b", "\uFF5E", "🚀"].map(keyed);
    const merged = layOver(list, "older", { files: ["a", "b", "\uFF5E"].map(keyed), cursor: "c" }, "key");
    expect(names(merged.files)).toEqual(["a", "b", "\uFF5E", "🚀"]);
  });
});

it("appends the next page without repeating a file", () => {
  expect(names(append(down(5, 3), { files: [file(4), file(2), file(1)] }))).toEqual(["5", "4", "3", "2", "1"]);
});

it("knows what is new, uploads of the same file included", () => {
  const again = file(1, { uploadedAt: new Date(T0 + 999_999).toISOString() });
  expect(newIds(down(2, 1), [file(3), again, file(2)])).toEqual(["id-3", "id-1"]);
});
