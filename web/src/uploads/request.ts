// The upload request for one chosen file.
import type { UploadRequest } from "../api/client";

// As the contract has it.
const MEDIA_TYPE = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*$/;

/** The type without parameters ("; charset=…"); application/octet-stream if it is unknown. */
export function mediaType(type: string | undefined): string {
  const essence = (type ?? "").split(";")[0]?.trim() ?? "";
  return MEDIA_TYPE.test(essence) ? essence : "application/octet-stream";
}

/** Larger files go in parts. */
export const IN_PARTS_FROM = 100 * 1024 * 1024;

/** S3 reads more into a "$" in a form, and takes it as it is in parts, of which an empty file has none. */
export const goesInParts = ({ name, size, contentType, folder = "" }: UploadRequest): boolean =>
  size > IN_PARTS_FROM || (size > 0 && [name, folder, contentType].some((text) => text.includes("$")));

/** "a//b/" → "a/b"; anything else that is wrong with a path, the API reports. */
export const tidyFolder = (folder: string): string =>
  folder
    .split("/")
    .map((part) => part.trim())
    .filter(Boolean)
    .join("/");

export interface UploadRequestOf {
  name: string;
  size: number;
  type: string | undefined;
  folder: string;
  relativePath: string | null;
}

/** A dropped folder keeps its inner paths: "docs/2026/a.pdf" goes to <folder>/docs/2026. */
export function uploadRequest(file: UploadRequestOf): UploadRequest {
  const inner = file.relativePath?.split("/").slice(0, -1).join("/") ?? "";
  const folder = tidyFolder(`${file.folder}/${inner}`);
  return { name: file.name, size: file.size, contentType: mediaType(file.type), ...(folder && { folder }) };
}
