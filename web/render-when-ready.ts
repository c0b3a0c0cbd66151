import type { Plugin } from "vite";

/**
 * Holds the first paint until the script has run. The script draws everything on the page, so nothing is lost, and
 * the dark theme does not start with a flash of the light one. (An inline script would do the same; the policy forbids it.)
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
