import { describe, expect, it, vi } from "vitest";
import type { File } from "../../src/api/client.ts";
import { MOST_EMPTY_PAGES, pastEmptyPages } from "../../src/files/pages.ts";

const file = { id: "a" } as File;

describe("a list whose first pages are empty", () => {
  it("is followed to the first page with files", async () => {
    const read = vi
      .fn()
      .mockResolvedValueOnce({ files: [], cursor: "1" })
      .mockResolvedValueOnce({ files: [], cursor: "2" })
      .mockResolvedValueOnce({ files: [file], cursor: "3" });
    expect(await pastEmptyPages(read, "0")).toEqual({ files: [file], cursor: "3" });
    expect(read.mock.calls).toEqual([["0"], ["1"], ["2"]]);
  });

  it("ends where there is no cursor", async () => {
    const read = vi.fn().mockResolvedValueOnce({ files: [], cursor: "1" }).mockResolvedValueOnce({ files: [] });
    expect(await pastEmptyPages(read)).toEqual({ files: [] });
  });

  it("keeps its cursor when too many pages were empty, because more may follow", async () => {
    const read = vi.fn().mockResolvedValue({ files: [], cursor: "more" });
    expect(await pastEmptyPages(read)).toEqual({ files: [], cursor: "more" });
    expect(read).toHaveBeenCalledTimes(1 + MOST_EMPTY_PAGES);
  });
});
