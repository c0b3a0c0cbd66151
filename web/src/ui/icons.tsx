// Drawn here rather than taken from a package: a few strokes, and no markup from elsewhere.
import type { JSX } from "preact";

const PATHS = {
  arrowLeft: "M12.5 4.5 7 10l5.5 5.5",
  archive: "M4 7.5v8h12v-8M3 4.5h14v3H3zM8.5 10.5h3",
  audio: "M8 14.5V5l8-1.5v9M8 14.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0Zm8-2a2 2 0 1 1-4 0 2 2 0 0 1 4 0Z",
  check: "m4.5 10.5 3.5 3.5 7.5-8",
  chevronDown: "m5 7.5 5 5 5-5",
  chevronUp: "m5 12.5 5-5 5 5",
  close: "m5 5 10 10M15 5 5 15",
  cloudOff: "M3 3l14 14M6.2 7.2A4 4 0 0 0 6 15h9M8.7 5A4.6 4.6 0 0 1 14.6 8.6A3.3 3.3 0 0 1 17 13.5",
  code: "m7 6-4 4 4 4m6-8 4 4-4 4M11.3 4.5 8.7 15.5",
  copy: "M7 7h9v9H7zM4 13V4h9",
  document: "M5.5 2.5h6l3.5 3.5v11.5h-9.5zM11 2.7V6.5h3.8M8 10h4.5M8 13h4.5",
  download: "M10 3.5v9m0 0 3.5-3.5M10 12.5 6.5 9M3.5 16.5h13",
  file: "M5.5 2.5h6l3.5 3.5v11.5h-9.5zM11 2.7V6.5h3.8",
  files: "M3.5 6V15.5h13V6.5h-7L8 4.5H3.5z",
  image: "M3.5 4.5h13v11h-13zM3.7 13.5l4-3.5 3.5 3 2-1.5 3.3 2.5M13 8.2a.9.9 0 1 1-1.8 0 .9.9 0 0 1 1.8 0Z",
  logo: "M3 12.5 10 16l7-3.5M10 3.5v7m0 0 2.8-2.7M10 10.5 7.2 7.8",
  mail: "M3 5h14v10.5H3zM3.5 5.5 10 11l6.5-5.5",
  moon: "M16 11.8A6.5 6.5 0 0 1 8.2 4a6.5 6.5 0 1 0 7.8 7.8Z",
  overview: "M4 16V10M8 16V4.5M12 16v-4.5M16 16V7.5",
  pause: "M7 4.5v11M13 4.5v11",
  person: "M13.2 6.7a3.2 3.2 0 1 1-6.4 0 3.2 3.2 0 0 1 6.4 0ZM3.8 16.5c.7-3.2 3-4.8 6.2-4.8s5.5 1.6 6.2 4.8",
  play: "M6.5 4.5v11l9-5.5z",
  refresh: "M16 6.5v-3m0 3h-3M16 6.5A7 7 0 1 0 17 10",
  search: "m16.5 16.5-4-4M14 8.8a5.2 5.2 0 1 1-10.4 0 5.2 5.2 0 0 1 10.4 0Z",
  sheet: "M3.5 4h13v12h-13zM3.5 8h13M3.5 12h13M8.5 4v12",
  signOut: "M8 3.5H4v13h4M8.5 10h8m0 0-3-3m3 3-3 3",
  sun: "M10 6.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7ZM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M15.7 4.3l-1.1 1.1M5.4 14.6l-1.1 1.1",
  system: "M3 4h14v9.5H3zM7.5 16.5h5M10 13.5v3",
  trash: "M4 5.5h12M8 5.5v-2h4v2M5.5 5.5l.7 11h7.6l.7-11M8.5 8.5v5M11.5 8.5v5",
  upload: "M10 13V4m0 0L6.5 7.5M10 4l3.5 3.5M3.5 16.5h13",
  video: "M3 5h10v10H3zM13 9l4-2.5v7L13 11z",
  warning: "M10 3 2.5 16.5h15zM10 8v4.2M10 14.3v.3",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

const BY_TYPE: [RegExp, IconName, string][] = [
  [/^image\//, "image", "image"],
  [/^video\//, "video", "video"],
  [/^audio\//, "audio", "audio"],
  [/pdf|msword|wordprocessing|opendocument\.text|rtf|presentation|powerpoint/, "document", "document"],
  [/csv|excel|spreadsheet/, "sheet", "sheet"],
  [/zip|tar|compress|gzip|rar|7z|bzip|x-xz/, "archive", "archive"],
  [/^text\/|json|xml|javascript|yaml|sql/, "code", "text"],
];

const BY_EXTENSION: [RegExp, IconName, string][] = [
  [/\.(png|jpe?g|gif|webp|avif|svg|heic|tiff?|bmp)$/i, "image", "image"],
  [/\.(mp4|mov|mkv|webm|avi)$/i, "video", "video"],
  [/\.(mp3|wav|flac|m4a|ogg)$/i, "audio", "audio"],
  [/\.(pdf|docx?|odt|rtf|pptx?|odp|pages|key)$/i, "document", "document"],
  [/\.(csv|tsv|xlsx?|ods|parquet)$/i, "sheet", "sheet"],
  [/\.(zip|tar|gz|tgz|7z|rar|bz2|xz|zst)$/i, "archive", "archive"],
  [/\.(txt|md|log|json|ya?ml|xml|html?|css|[jt]sx?|py|sql|sh)$/i, "code", "text"],
];

/** Decorative: the name beside it says the same. */
export function FileIcon({ name, type, large }: { name: string; type?: string | undefined; large?: boolean }) {
  const match = BY_EXTENSION.find(([test]) => test.test(name)) ?? BY_TYPE.find(([test]) => type && test.test(type));
  return (
    <span class={`file-icon kind-${match?.[2] ?? "other"}${large ? " large" : ""}`} aria-hidden="true">
      <Icon name={match?.[1] ?? "file"} size={large ? 28 : 20} />
    </span>
  );
}
