// The contract must be valid OpenAPI, and keep to what API Gateway can import.
import { fileURLToPath } from "node:url";
import { bundle, createConfig, lint } from "@redocly/openapi-core";
import { describe, expect, it } from "vitest";
import { document } from "../../dev/contract.ts";

const ref = fileURLToPath(new URL("../../../components/openapi.yaml", import.meta.url));

interface Operation {
  operationId: string;
  summary?: string;
  security?: { people: string[] }[];
  responses: Record<string, { $ref?: string; content?: Record<string, { schema: { $ref?: string } }> }>;
  parameters?: { $ref?: string; in: string; name: string; schema: Record<string, unknown> }[];
}

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    path,
    method,
    operation: operation as unknown as Operation,
  })),
);

/** Every schema object in the document, with where it is. */
function* schemas(node: unknown, at: string): Generator<[string, Record<string, unknown>]> {
  if (typeof node !== "object" || node === null) return;
  yield [at, node as Record<string, unknown>];
  for (const [key, value] of Object.entries(node)) {
    // The children of `properties` are named by us; they are schemas, the holder is not.
    if (key === "properties")
      for (const [name, one] of Object.entries(value as object)) yield* schemas(one, `${at}.${name}`);
    else yield* schemas(value, `${at}.${key}`);
  }
}

describe("components/openapi.yaml", () => {
  it("is valid", async () => {
    const problems = await lint({ ref, config: await createConfig({ extends: ["spec"] }) });
    expect(problems.map((problem) => problem.message)).toEqual([]);
    const bundled = await bundle({ ref, config: await createConfig({}) });
    expect(bundled.problems).toEqual([]);
  });

  it("describes every operation whole", () => {
    for (const { path, method, operation } of operations) {
      const where = `${method} ${path}`;
      expect(operation.operationId, where).toMatch(/^[a-z][A-Za-z]+$/);
      expect(operation.summary, where).toBeTruthy();
      expect(operation.security?.[0]?.people, where).toEqual([method === "get" ? "files/read" : "files/write"]);
      expect(Object.keys(operation.responses), where).toEqual(
        expect.arrayContaining(["400", "401", "403", "429", "500"]),
      );
      if (path.includes("{id}")) expect(operation.responses, where).toHaveProperty("404");
      for (const [status, response] of Object.entries(operation.responses)) {
        if (Number(status) < 400) continue;
        expect(response.content?.["application/json"]?.schema.$ref, `${where} ${status}`).toBe(
          "#/components/schemas/Error",
        );
      }
    }
  });

  it("bounds every parameter", () => {
    for (const { operation } of operations) {
      for (const { name, schema } of operation.parameters ?? []) {
        const bounded = "maxLength" in schema || "maximum" in schema || "pattern" in schema;
        expect(bounded, `${operation.operationId} ${name}`).toBe(true);
      }
    }
  });

  it("has only what the gateway's import reads", () => {
    const unknown = [
      "nullable",
      "example",
      "examples",
      "oneOf",
      "anyOf",
      "not",
      "discriminator",
      "readOnly",
      "writeOnly",
      "deprecated",
      "xml",
      "exclusiveMinimum",
      "exclusiveMaximum",
      "default",
    ]; // prettier-ignore
    for (const [at, schema] of schemas(document.components.schemas, "schemas")) {
      for (const keyword of unknown) expect(schema, at).not.toHaveProperty(keyword);
      expect(schema.format === "int32" || schema.format === "int64", at).toBe(false);
      if (typeof schema.$ref === "string") expect(schema.$ref).toMatch(/^#\/components\/schemas\/[A-Za-z]+$/);
    }
    for (const { operation } of operations) {
      expect(operation.responses).not.toHaveProperty("default");
      for (const response of Object.values(operation.responses)) expect(response).not.toHaveProperty("$ref");
      for (const parameter of operation.parameters ?? []) expect(parameter).not.toHaveProperty("$ref");
    }
    expect(JSON.stringify(document)).not.toContain("x-amazon");
  });

  it("takes nothing unasked for", () => {
    expect(document.components.schemas.UploadRequest).toMatchObject({ additionalProperties: false });
  });
});
