// File names are chosen by uploaders. A name may hold characters that are invisible or reorder the text
// ("invoice\u202Efdp.exe" reads as "invoiceexe.pdf"), so those are shown by their code.

type Piece = { text: string; hidden?: { code: string; meaning: string } };

const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115F\u1160\u2800\u3164\uFFA0]/u;

const MEANINGS: Record<string, string> = {
  "U+0000": "null",
  "U+0009": "tab",
  "U+000A": "line feed",
  "U+000D": "carriage return",
  "U+001B": "escape",
  "U+00AD": "soft hyphen",
  "U+200B": "zero width space",
  "U+200C": "zero width non-joiner",
  "U+200D": "zero width joiner",
  "U+200E": "left-to-right mark",
  "U+200F": "right-to-left mark",
  "U+2028": "line separator",
  "U+2029": "paragraph separator",
  "U+202A": "left-to-right embedding",
  "U+202B": "right-to-left embedding",
  "U+202C": "end of embedding",
  "U+202D": "left-to-right override",
  "U+202E": "right-to-left override",
  "U+2066": "left-to-right isolate",
  "U+2067": "right-to-left isolate",
  "U+2068": "first strong isolate",
  "U+2069": "end of isolate",
  "U+FEFF": "byte order mark",
};

/** Joiners belong in emoji and in scripts that need them; after anything else they are invisible. */
function joins(character: string, before: string): boolean {
  if (character === "\u200D" && /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\uFE0F/u.test(before)) return true;
  if (character !== "\u200D" && character !== "\u200C") return false;
  return /[\p{L}\p{M}]/u.test(before) && !/[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]/u.test(before);
}

/** Splits a name into text that can be shown as it is and characters to show by their code. */
export function visiblePieces(name: string): Piece[] {
  const pieces: Piece[] = [];
  let plain = "";
  let before = "";
  for (const character of name) {
    if (HIDDEN.test(character) && !joins(character, before)) {
      if (plain) pieces.push({ text: plain });
      plain = "";
      const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
      pieces.push({ text: code, hidden: { code, meaning: MEANINGS[code] ?? "invisible character" } });
    } else {
      plain += character;
    }
    before = character;
  }
  if (plain) pieces.push({ text: plain });
  return pieces;
}

/** The name as one line of plain text, for titles and announcements. */
export function visibleText(name: string): string {
  return visiblePieces(name)
    .map((piece) => (piece.hidden ? `[${piece.hidden.code}]` : piece.text))
    .join("");
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Letters that are written from right to left. */
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/**
 * Where to cut a long name so that its end, with the extension, stays visible. Zero: shown whole. Each part is put in
 * order by itself, so a cut among letters of both directions could turn numbers around: there only an extension is cut.
 */
export function tailStart(name: string, tailLength = 12, longFrom = 24): number {
  const segments = [...graphemes.segment(name)];
  if (segments.length <= longFrom) return 0;
  if (RIGHT_TO_LEFT.test(name)) return /\.[A-Za-z0-9]{1,11}$/.exec(name)?.index ?? 0;
  return segments[segments.length - tailLength]?.index ?? 0;
}
