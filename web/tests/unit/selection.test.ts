import { describe, expect, it } from "vitest";
import type { File } from "../../src/api/client.ts";
import { foldersOf } from "../../src/files/folders.ts";
import { Selection } from "../../src/files/selection.ts";

const file = (id: string, status = "processed") => ({ id, status }) as File;
const shown = ["a", "b", "c", "d"].map((id) => file(id));
const ids = (selection: Selection, files = shown) => selection.among(files).map((one) => one.id);

describe("a selection", () => {
  it("takes a range from the file that was changed last", () => {
    const selection = new Selection();
    selection.change("d", true, shown);
    selection.change("b", true, shown, true);
    expect(ids(selection)).toEqual(["b", "c", "d"]);
    selection.change("c", false, shown, true);
    expect(ids(selection)).toEqual(["d"]);
  });

  it("takes one file where a range has no beginning", () => {
    const selection = new Selection();
    selection.change("b", true, shown, true);
    expect(ids(selection)).toEqual(["b"]);
  });

  it("holds only files that are shown, present and in the catalogue", () => {
    const selection = new Selection();
    selection.changeAll(shown, true);
    expect(ids(selection, [file("a"), file("b", "removed"), file("c", "stored"), file("z")])).toEqual(["a"]);
  });

  it("is empty in another list, and still there on the way back to the same one", () => {
    const selection = new Selection();
    selection.enter("/files");
    selection.change("a", true, shown);
    selection.enter("/files");
    expect(ids(selection)).toEqual(["a"]);
    selection.enter("/files?status=failed");
    expect(ids(selection)).toEqual([]);
  });
});

it("a folder lies in the folders above it", () => {
  expect(foldersOf("a/b/c")).toEqual(["a/", "a/b/", "a/b/c/"]);
  expect(foldersOf("")).toEqual([]);
});
