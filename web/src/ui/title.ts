import { useEffect } from "preact/hooks";
import { visibleText } from "../text/visible";

const PRODUCT = "File Notifications";

/** The tab's title. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${visibleText(title)} · ${PRODUCT}` : PRODUCT;
  }, [title]);
}
