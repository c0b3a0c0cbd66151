import { describe, expect, it } from "vitest";
import { tailStart, visiblePieces, visibleText } from "../../src/text/visible.ts";

describe("names from outside", () => {
  it.each([
    ["invoice\u202Efdp.exe", "invoice[U+202E]fdp.exe"],
    ["a\nb\tc", "a[U+000A]b[U+0009]c"],
    ["pay\u200Bpal.txt", "pay[U+200B]pal.txt"],
    ["in\u200Cvoice.pdf", "in[U+200C]voice.pdf"],
    ["\u2066left\u2069", "[U+2066]left[U+2069]"],
    ["\uFEFFbom", "[U+FEFF]bom"],
    ["hangul\u3164filler", "hangul[U+3164]filler"],
    ["tag\u{E0041}", "tag[U+E0041]"],
    ["half \uD83D pair", "half [U+D83D] pair"],
    ["\u0000", "[U+0000]"],
  ])("names what hides in %j", (name, shown) => {
    expect(visibleText(name)).toBe(shown);
  });

  it.each([
    "résumé/日本語 🚀.pdf",
    "👨‍👩‍👧 family.jpg",
    "क्‍ष.txt",
    "می‌خواهم.txt",
    "<img src=x onerror=alert(1)>.png",
    "Screenshot 3.04.05\u202FPM.png",
    "",
  ])("leaves %j alone", (name) => {
    expect(visibleText(name)).toBe(name);
  });

  it("says what a hidden character means", () => {
    expect(visiblePieces("a\u202Eb")).toEqual([
      { text: "a" },
      { text: "U+202E", hidden: { code: "U+202E", meaning: "right-to-left override" } },
      { text: "b" },
    ]);
  });
});

describe("long names", () => {
  it("keep their end, and no grapheme is cut", () => {
    const name = `${"a".repeat(60)}-👨‍👩‍👧.final.tar.gz`;
    const cut = tailStart(name);
    expect(name.slice(cut)).toBe("final.tar.gz");
    expect(name.slice(0, cut) + name.slice(cut)).toBe(name);
    const family = `${"b".repeat(30)}👨‍👩‍👧12345678901`;
    expect(family.slice(tailStart(family))).toBe("👨‍👩‍👧12345678901");
  });

  it("are cut before the extension only where letters go from right to left: numbers in a part would turn around", () => {
    const report = "تقرير المبيعات السنوي النهائي 2026 (نسخة).pdf";
    expect(report.slice(tailStart(report))).toBe(".pdf");
    expect(tailStart("دليل المستخدم الكامل للنظام الجديد 2026")).toBe(0);
  });

  it("leave short ones whole", () => {
    expect(tailStart("invoice-0423.pdf")).toBe(0);
  });
});
