// Rights: nothing is offered that the person may not do, and a refusal says so.
import { expect, it } from "vitest";
import { journeys } from "./journey.ts";

journeys("rights", (t) => {
  const button = (name: string | RegExp) => t.page.getByRole("button", { name });
  const box = (name: string) => t.page.getByRole("checkbox", { name: `Select ${name}`, exact: true });

  it("offer a reader downloads, and nothing that changes a file", async () => {
    t.stage.mock.api.can = ["read"];
    await t.stage.enter(t.tab);
    await box("harbour-at-dusk.jpg").check();
    await button("Download links").waitFor();
    for (const name of ["Upload", "Reprocess", "Delete"]) expect(await button(name).count()).toBe(0);

    await t.page.getByRole("link", { name: "harbour-at-dusk.jpg" }).click();
    await button("Download").waitFor();
    for (const name of ["Reprocess", "Delete"]) expect(await button(name).count()).toBe(0);
  });

  it("are said by the person's name, also on a phone", async () => {
    t.stage.mock.api.can = ["read"];
    await t.page.setViewportSize({ width: 360, height: 740 });
    await t.stage.enter(t.tab);
    await button("Signed in as maria@example.com").click();
    await t.page.getByText("In team. May read.").waitFor();
    await t.page.keyboard.press("Escape");
    await t.page.getByText("In team. May read.").waitFor({ state: "hidden" });
  });

  it("leave no place to drop files on without the right to upload", async () => {
    t.stage.mock.api.can = ["read"];
    await t.stage.enter(t.tab);
    await t.rows().first().waitFor();
    const leftToTheBrowser = await t.page.evaluate(() => {
      const data = new DataTransfer();
      data.items.add(new File(["x"], "x.txt"));
      return ["dragover", "drop"].filter((kind) =>
        document.body.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data })),
      );
    });
    // The browser would open the file in the place of this page.
    expect(leftToTheBrowser).toEqual([]);
    await t.lookNow();
    expect(await t.page.getByText("Drop to upload").count()).toBe(0);
    expect(t.stage.mock.api.asked).not.toContain("createUpload");
  });

  it("offer an editor uploads and inspections, and no deletion", async () => {
    t.stage.mock.api.can = ["read", "upload", "reprocess"];
    await t.stage.enter(t.tab);
    await button("Upload").waitFor();
    await box("harbour-at-dusk.jpg").check();
    await button("Reprocess").waitFor();
    expect(await button("Delete").count()).toBe(0);
  });

  it("that were taken away meanwhile are a refusal in words, after which nothing is offered any more", async () => {
    await t.stage.enter(t.tab);
    await t.page.getByRole("link", { name: "harbour-at-dusk.jpg" }).click();
    await button("Delete").click();
    t.stage.mock.api.can = ["read"];
    await t.page.getByRole("dialog").getByRole("button", { name: "Delete file" }).click();
    await t.page.getByRole("dialog").getByText("You may not delete here. Members of admins may.").waitFor();
    expect(await button("Delete file").count()).toBe(0);
    await button("Close").click();
    await t.page.getByRole("link", { name: "Files", exact: true }).first().click();
    await t.rows().first().waitFor();
    await expect.poll(() => button("Upload").count()).toBe(0);
  });

  it("of some folders show their files, and no counts of all", async () => {
    t.stage.mock.api.folders = ["photos/"];
    await t.stage.enter(t.tab);
    await t.page.getByRole("link", { name: "harbour-at-dusk.jpg" }).waitFor();
    await expect.poll(() => t.rows().count()).toBe(2);
    await t.page.getByRole("link", { name: "Overview" }).click();
    await t.page.getByText("Counts are of all files").waitFor();
    expect(await t.page.getByText("Arrived today").count()).toBe(0);
    await t.page.getByRole("link", { name: "harbour-at-dusk.jpg" }).waitFor();
  });

  it("that are none say so instead of an empty list", async () => {
    t.stage.mock.api.can = [];
    await t.stage.enter(t.tab);
    await t.page.getByRole("heading", { name: "You may not see this" }).waitFor();
    await t.page.getByText("You may not read here. Members of admins may.").waitFor();
    expect(await button("Upload").count()).toBe(0);
  });
});
