// The page itself: counts, theme, unknown addresses, configuration, keyboard.
import { expect, it } from "vitest";
import { journeys } from "./journey.ts";

journeys("the page", (t) => {
  it("counts, and shows the counts as a table", async () => {
    await t.stage.enter(t.tab, "/overview");
    await t.page.getByText("Arrived today").waitFor();
    await t.page.locator("canvas").first().waitFor();
    await t.page.getByText("Show as table").first().click();
    const days = t.page.getByRole("region", { name: "Files per day, table" }).getByRole("row");
    await expect.poll(() => days.count()).toBe(31);
    await expect.poll(() => t.rows().count()).toBe(10);
  });

  it("shows older files when the newest were all removed", async () => {
    const { files } = t.stage.mock;
    for (const file of files.newest().slice(0, 130)) files.remove(file);
    await t.stage.enter(t.tab, "/overview");
    await expect.poll(() => t.rows().count()).toBe(10);
  });

  it("does not claim that there are no files when too many were removed to know", async () => {
    const { files, api } = t.stage.mock;
    // Signed in before: the way there may lead over the list of files, which asks for some as well.
    await t.stage.enter(t.tab, "/overview");
    await t.page.getByText("Arrived today").waitFor();
    files.items.clear();
    for (let i = 0; i < 7_300; i++) files.remove(files.add(`gone/${i}.txt`, 1, "text/plain", { at: Date.now() - i }));
    files.add("old/still-here.txt", 1, "text/plain", { at: Date.now() - 86_400_000 });
    api.asked.length = 0;
    await t.page.reload();
    await t.page.getByText("The newest uploads were all removed.").waitFor();
    expect(api.asked.filter((operation) => operation === "listFiles")).toHaveLength(6);
  });

  it("remembers a chosen theme", async () => {
    await t.page.goto("/");
    const background = () => t.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await t.page.getByRole("button", { name: "Theme: as the system" }).click();
    await t.page.getByRole("button", { name: "Theme: light" }).click();
    await t.page.getByRole("button", { name: "Theme: dark" }).waitFor();
    await expect.poll(background).not.toBe(light);
    const dark = await background();
    await t.page.reload();
    await t.page.getByRole("button", { name: "Theme: dark" }).waitFor();
    await expect.poll(background).toBe(dark);
  });

  it.each([640, 820, 1000])("leaves room for names in a window of %d pixels, and no column empty", async (width) => {
    await t.page.setViewportSize({ width, height: 860 });
    await t.stage.enter(t.tab);
    const row = t.rows().filter({ hasText: "invoice-0422.pdf" });
    const cut = await row.locator(".row-link .head").evaluate((head) => head.scrollWidth - head.clientWidth);
    expect(cut).toBe(0);
    const [inner, outer] = [await row.boundingBox(), await t.page.getByRole("table").boundingBox()];
    expect(Math.round(inner?.width ?? 0)).toBe(Math.round(outer?.width ?? 1));
    const last = await row.getByRole("cell").filter({ visible: true }).last().boundingBox();
    const end = (box: typeof last) => (box ? Math.round(box.x + box.width) : 0);
    expect(end(last)).toBe(end(outer));
  });

  it("says that it is offline instead of loading, and goes on by itself", async () => {
    await t.stage.enter(t.tab);
    await t.rows().first().waitFor();
    await t.tab.context.setOffline(true);
    await t.page.getByRole("link", { name: "Overview" }).click();
    await t.page.getByText("The overview will load when the connection is back.").waitFor();
    await t.page.goBack();
    await t.page.getByRole("link", { name: "invoice-0422.pdf" }).click();
    await t.page.getByText("The file will load when the connection is back.").waitFor();
    await t.tab.context.setOffline(false);
    await t.page.getByText("What happened").waitFor();
    await t.page.getByRole("link", { name: "Overview" }).click();
    await t.page.getByText("Arrived today").waitFor();
  });

  it("tells things apart without its own colours", async () => {
    await t.page.emulateMedia({ forcedColors: "active" });
    await t.stage.enter(t.tab, "/overview");
    await t.page.locator("canvas").first().waitFor();
    const colors = await t.page
      .locator(".swatch")
      .evaluateAll((marks) => marks.slice(0, 4).map((mark) => getComputedStyle(mark).backgroundColor));
    expect(new Set(colors).size).toBe(4);
    const line = (name: string) =>
      t.page
        .getByRole("navigation")
        .getByRole("link", { name })
        .evaluate((link) => getComputedStyle(link).borderBottomWidth);
    expect([await line("Overview"), await line("Files")]).toEqual(["2px", "0px"]);
  });

  it("is printed dark on white, without its buttons, in the dark theme too", async () => {
    await t.page.emulateMedia({ colorScheme: "dark" });
    await t.stage.enter(t.tab);
    await t.rows().first().waitFor();
    const ink = () => t.page.evaluate(() => getComputedStyle(document.body).color);
    const onScreen = await ink();
    await t.page.emulateMedia({ media: "print" });
    expect(await ink()).not.toBe(onScreen);
    expect(await t.page.getByRole("button").count()).toBe(0);
    expect(await t.page.getByRole("checkbox").count()).toBe(0);
    expect(await t.rows().count()).toBe(50);
  });

  it("shows its own not-found page for an unknown address", async () => {
    await t.page.goto("/no/such/view");
    await t.page.getByRole("heading", { name: "There is nothing here" }).waitFor();
  });

  it("is usable by keyboard alone", async () => {
    await t.stage.enter(t.tab);
    await t.rows().first().waitFor();
    await t.page.keyboard.press("Tab");
    await t.page.keyboard.press("Tab");
    const focused = () => t.page.evaluate(() => document.activeElement?.textContent ?? "");
    for (let i = 0; i < 20 && (await focused()) !== "invoice-0423.pdf"; i++) await t.page.keyboard.press("Tab");
    await t.page.keyboard.press("Enter");
    await t.page.getByRole("heading", { name: "invoice-0423.pdf" }).waitFor();
    // The view that was opened has the focus, not a link that is gone.
    await expect.poll(() => t.page.evaluate(() => document.activeElement?.id)).toBe("main");
  });
});
