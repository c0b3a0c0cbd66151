import type { Plugin } from "vite";

/**
 * Holds the first paint until the script has run. Everything on the page is drawn by the script, so nothing is lost; and
 * a person who chose the dark theme gets no flash of the light one. (An inline script would do the same, and is forbidden.)
 */
export function renderWhenReady(): Plugin {
  return {
    name: "render-when-ready",
    transformIndexHtml: {
      order: "post",
      handler: (html) => html.replaceAll('<script type="module"', '<script type="module" blocking="render"'),
    },
  };
}
