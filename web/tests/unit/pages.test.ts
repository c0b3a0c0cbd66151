import { describe, expect, it, vi } from "vitest";
import type { File } from "../../src/api/client.ts";
import { MOST_EMPTY_PAGES, pagesUntil, pastEmptyPages } from "../../src/files/pages.ts";

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

describe("pages until enough is found", () => {
  const read = (pages: number) => {
    let page = 0;
    return vi.fn(async () => {
      page += 1;
      return { files: [{ id: `${page}` } as File], ...(page < pages && { cursor: `${page}` }) };
    });
  };

  it("end where enough is found, with the cursor of what follows", async () => {
    const reader = read(9);
    const found = await pagesUntil(reader, (files) => files.some((one) => one.id === "3"), 5);
    expect(found.files.map((one) => one.id)).toEqual(["1", "2", "3"]);
    expect(found.cursor).toBe("3");
  });

  it("end after so many pages, found or not", async () => {
    const found = await pagesUntil(read(9), () => false, 5, "0");
    expect(found.files).toHaveLength(5);
    expect(found.cursor).toBe("5");
  });

  it("end at the end", async () => {
    expect(await pagesUntil(read(2), () => false, 5)).toEqual({ files: [{ id: "1" }, { id: "2" }] });
  });
});
