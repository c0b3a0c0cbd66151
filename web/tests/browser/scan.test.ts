// Files that are scanned for malware: what is said of them, and what they offer.
import { expect, it } from "vitest";
import { idOf } from "../../dev/files.ts";
import type { Scan } from "../../src/api/client.ts";
import { journeys } from "./journey.ts";

const PHOTO = "photos/harbour-at-dusk.jpg";

journeys("malware scans", (t) => {
  const mark = (scan: Scan) => {
    const file = t.stage.mock.files.items.get(idOf(PHOTO));
    if (file) file.scan = scan;
  };
  const download = () => t.page.getByRole("button", { name: "Download" });

  it("an infected file names its threat and offers neither content nor preview, and can be deleted", async () => {
    mark({ state: "infected", reason: "EICAR-Test-File", refused: true });
    await t.stage.enter(t.tab, `/files/${idOf(PHOTO)}`);
    await t.page.getByRole("heading", { name: "This file is infected" }).waitFor();
    await t.page.getByText("found EICAR-Test-File").waitFor();
    expect(await download().count()).toBe(0);
    expect(await t.page.getByRole("heading", { name: "Preview" }).count()).toBe(0);
    expect(await t.page.getByRole("button", { name: "Delete" }).count()).toBe(1);
  });

  it("a file that is being scanned offers its content once it is clean", async () => {
    mark({ state: "pending", refused: true });
    await t.stage.enter(t.tab, `/files/${idOf(PHOTO)}`);
    await t.page.getByRole("heading", { name: "This file is being scanned for malware" }).waitFor();
    expect(await download().count()).toBe(0);

    mark({ state: "clean" });
    await download().waitFor();
    await t.page.getByText("Clean", { exact: true }).waitFor();
  });

  it("a file that could not be scanned is marked, and offered where the setting lets it pass", async () => {
    mark({ state: "unscannable", reason: "UNSUPPORTED" });
    await t.stage.enter(t.tab, `/files/${idOf(PHOTO)}`);
    await t.page.getByRole("heading", { name: /could not be scanned for malware \(UNSUPPORTED\)/ }).waitFor();
    await download().waitFor();
  });

  it("the list says which files are infected", async () => {
    mark({ state: "infected", reason: "EICAR-Test-File", refused: true });
    await t.stage.enter(t.tab);
    await t.page.getByRole("row", { name: /harbour-at-dusk\.jpg.*Infected/ }).waitFor();
    const row = t.rows().filter({ hasText: "harbour-at-dusk.jpg" });
    expect(await t.badge(row, "Processed").count()).toBe(0);
  });

  it("the list can be filtered by infected files", async () => {
    mark({ state: "infected", reason: "EICAR-Test-File", refused: true });
    await t.stage.enter(t.tab);
    await t.page.getByRole("combobox", { name: "Filter by status" }).selectOption("Infected");
    await expect.poll(() => t.rows().count()).toBe(1);
    await t.page.reload();
    await expect.poll(() => t.rows().count()).toBe(1);
  });

  it("the filter is not offered where files are not scanned", async () => {
    await t.stage.enter(t.tab);
    await t.rows().first().waitFor();
    const options = t.page.getByRole("combobox", { name: "Filter by status" }).getByRole("option");
    expect(await options.allTextContents()).toEqual(["Any status", "Received", "Processed", "Failed"]);
  });
});
