import type { IncomingMessage, ServerResponse } from "node:http";
import type { Connect, Plugin } from "vite";
import { inspected } from "./files.ts";
import { Mock } from "./mock.ts";

/**
 * Puts the mock behind `npm run dev` and `npm run preview`. Preview serves the built page under the deployed policy; the
 * development server cannot, because it changes styles and scripts in place.
 */
export function mockBackend(given?: Mock): Plugin {
  async function ready(): Promise<Mock> {
    if (given) return given;
    const mock = new Mock();
    mock.files.seed(Date.now());
    await mock.start();
    arrivals(mock);
    return mock;
  }
  return {
    name: "mock-backend",
    apply: (_, { command, isPreview }) => command === "serve" || isPreview === true,
    async configureServer(server) {
      if (process.env.VITEST) return;
      server.middlewares.use(middleware(await ready(), false));
    },
    async configurePreviewServer(server) {
      server.middlewares.use(middleware(await ready(), true));
    },
  };
}

function middleware(mock: Mock, withPolicy: boolean): Connect.NextHandleFunction {
  return (request: IncomingMessage, response: ServerResponse, next: Connect.NextFunction) => {
    if (withPolicy) for (const [name, value] of Object.entries(mock.headers())) response.setHeader(name, value);
    mock.site(request, response).then((answered) => {
      if (!answered) next();
    }, next);
  };
}

/** A new file every 20 seconds. */
function arrivals(mock: Mock): void {
  let number = 424;
  setInterval(() => {
    const file = mock.files.add(`invoices/2026/invoice-0${number}.pdf`, 150_000 + number * 37, "application/pdf", {
      by: "jonas@example.com",
    });
    number += 1;
    setTimeout(() => inspected(file, [["Pages", "2"]]), 4_000).unref();
  }, 20_000).unref();
}
