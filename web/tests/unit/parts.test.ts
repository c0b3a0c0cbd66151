import { describe, expect, it, vi } from "vitest";
import type { MultipartLinks } from "../../src/api/client.ts";
import { PART_BYTES, PartLinks } from "../../src/uploads/parts.ts";
import { type Unfinished, UnfinishedUploads } from "../../src/uploads/unfinished.ts";

const upload = { uploadId: "u", size: 60 * PART_BYTES };

function signer() {
  return {
    signMultipartUpload: vi.fn(async ({ firstPart }: { firstPart: number }): Promise<MultipartLinks> => {
      const parts = Array.from({ length: 20 }, (_, i) => ({ partNumber: firstPart + i, url: `part-${firstPart + i}` }));
      return { parts, listUrl: "list", completeUrl: "complete", abortUrl: "abort", expiresInSeconds: 900 };
    }),
  };
}

describe("links of parts", () => {
  it("are asked for in batches", async () => {
    const api = signer();
    const links = new PartLinks(api);
    for (let part = 1; part <= 21; part++) expect(await links.urlOf("k", upload, { part })).toBe(`part-${part}`);
    expect(api.signMultipartUpload.mock.calls.map(([body]) => body.firstPart)).toEqual([1, 21]);
    expect(await links.urlOf("k", upload, "complete")).toBe("complete");
    expect(api.signMultipartUpload).toHaveBeenCalledTimes(2);
  });

  it("are renewed before they expire", async () => {
    const api = signer();
    let now = 0;
    const links = new PartLinks(api, () => now);
    await links.urlOf("k", upload, { part: 1 });
    now = 839_000;
    await links.urlOf("k", upload, { part: 2 });
    expect(api.signMultipartUpload).toHaveBeenCalledTimes(1);
    now = 841_000;
    await links.urlOf("k", upload, { part: 3 });
    expect(api.signMultipartUpload.mock.lastCall?.[0].firstPart).toBe(3);
  });

  it("are not shared between uploads", async () => {
    const api = signer();
    const links = new PartLinks(api);
    await links.urlOf("a", upload, "list");
    await links.urlOf("b", upload, "list");
    expect(api.signMultipartUpload).toHaveBeenCalledTimes(2);
  });
});

describe("unfinished uploads", () => {
  const entry: Unfinished = {
    itemId: "i",
    fileId: "f",
    person: "maria",
    name: "video.mp4",
    size: 5,
    lastModified: 7,
    key: "k",
    uploadId: "u",
  };
  function stored(text?: string) {
    const values = new Map(text === undefined ? [] : [["unfinished-uploads", text]]);
    return {
      getItem: (key: string) => values.get(key) ?? null,
      setItem: (key: string, value: string) => void values.set(key, value),
      removeItem: (key: string) => void values.delete(key),
    };
  }

  it("are found by the file that is chosen again", () => {
    const unfinished = new UnfinishedUploads(stored());
    unfinished.add(entry);
    expect(unfinished.matching({ name: "video.mp4", size: 5, lastModified: 7 }, "maria")).toEqual(entry);
    expect(unfinished.matching({ name: "video.mp4", size: 5, lastModified: 8 }, "maria")).toBeUndefined();
    expect(unfinished.matching({ name: "video.mp4", size: 5, lastModified: 7 }, "jonas")).toBeUndefined();
  });

  it("leave nothing behind once they are finished", () => {
    const storage = stored();
    const unfinished = new UnfinishedUploads(storage);
    unfinished.add(entry);
    unfinished.remove("i");
    expect(storage.getItem("unfinished-uploads")).toBeNull();
  });

  it.each(["no JSON", "{}", '[{"itemId": 1}]', "[null]"])("ignore %s in the storage", (text) => {
    expect(new UnfinishedUploads(stored(text)).of("maria")).toEqual([]);
  });
});
