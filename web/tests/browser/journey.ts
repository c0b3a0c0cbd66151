// What every journey starts with: a realistic catalogue and a fresh tab; at its end the console holds no error.
import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from "vitest";
import { EVERYTHING } from "../../dev/api.ts";
import { missing, Stage, type Tab } from "./harness.ts";

type File = { name: string; mimeType: string; buffer: Buffer };

class Journey {
  stage!: Stage;
  tab!: Tab;

  get page(): Page {
    return this.tab.page;
  }

  rows(): Locator {
    return this.page.getByRole("row").filter({ has: this.page.getByRole("link") });
  }

  firstName(): Locator {
    return this.rows().first().getByRole("link");
  }

  /** Each row has its status twice: in a column, and folded in for phones. */
  badge(row: Locator, status: string): Locator {
    return row.getByText(status).locator("visible=true");
  }

  /** Makes the page poll now, as it does when the connection is back, instead of waiting for its interval. */
  lookNow(): Promise<boolean> {
    return this.page.evaluate(() => window.dispatchEvent(new Event("online")));
  }

  upload(...files: File[]): Promise<void> {
    return this.page.locator("input[type=file]").setInputFiles(files);
  }
}

export function journeys(name: string, steps: (t: Journey) => void): void {
  describe.skipIf(missing)(name, () => {
    const t = new Journey();

    beforeAll(async () => {
      t.stage = await Stage.open();
    });
    afterAll(() => t.stage?.close());

    beforeEach(async () => {
      const { mock } = t.stage;
      mock.files.items.clear();
      mock.files.seed(Date.now());
      mock.api.faults.length = 0;
      mock.api.asked.length = 0;
      mock.api.maxUploadMegabytes = 1024;
      mock.api.removalMs = 0;
      mock.api.delay = 0;
      mock.api.can = [...EVERYTHING];
      mock.api.folders = undefined;
      mock.bucket.refuse.length = 0;
      mock.signIn.refreshing = true;
      mock.config = undefined;
      t.tab = await t.stage.tab();
      t.page.setDefaultTimeout(20_000);
    });

    afterEach(async () => {
      // A refused request is reported by the browser too; everything else in the console is a fault of the page.
      const complaints = t.tab.complaints.filter((text) => !text.startsWith("Failed to load resource"));
      await t.tab.context.close();
      expect(complaints).toEqual([]);
      expect(t.tab.elsewhere).toEqual([]);
    });

    steps(t);
  });
}
