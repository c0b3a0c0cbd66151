// Validates the mock against components/openapi.yaml: requests as the gateway does, and the mock's own responses. A response
// that the contract does not describe is a bug of the mock, and reported at once.
import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { load } from "js-yaml";

type Schema = Record<string, unknown>;
interface Parameter {
  name: string;
  in: "path" | "query";
  required?: boolean;
  schema: Schema;
}
interface Content {
  content?: Record<string, { schema: Schema }>;
}
interface Described {
  operationId: string;
  security: { people: string[] }[];
  parameters?: Parameter[];
  requestBody?: Content;
  responses: Record<string, Content>;
}
interface Document {
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, Schema> };
}

export interface Operation {
  id: string;
  scopes: string[];
  path: Record<string, string>;
  /** Problems of the request, empty when it is as described. */
  problems(query: URLSearchParams, body: unknown): string[];
  /** Problems of the mock's own answer. */
  answerProblems(status: number, body: unknown): string[];
}

export const document = load(
  readFileSync(new URL("../../components/openapi.yaml", import.meta.url), "utf8"),
) as unknown as Document;

const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: false });
addFormats.default(ajv);
ajv.addSchema({ $id: "contract", components: document.components });

/** References point into the document; here the document has a name. */
function compile(schema: Schema): ValidateFunction {
  return ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"contract#/components')));
}
for (const [name, schema] of Object.entries(document.components.schemas)) {
  ajv.addSchema({ ...(schema as object), $id: `contract#/${name}` });
}

const problemsOf = (validate: ValidateFunction, value: unknown, what: string): string[] =>
  validate(value)
    ? []
    : (validate.errors ?? []).map((error) => `${what}${error.instancePath.replaceAll("/", ".")} ${error.message}`);

interface Route {
  method: string;
  pattern: RegExp;
  names: string[];
  described: Described;
}

const routes: Route[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, described]) => {
    const names: string[] = [];
    const pattern = path.replace(/\{(\w+)\}/g, (_, name: string) => {
      names.push(name);
      return "([^/]+)";
    });
    return { method: method.toUpperCase(), pattern: new RegExp(`^${pattern}$`), names, described };
  }),
);

const numeric = (schema: Schema, text: string): unknown =>
  schema.type === "integer" && /^-?\d+$/.test(text) ? Number(text) : text;

export function findOperation(method: string, path: string): Operation | undefined {
  for (const route of routes) {
    const match = route.pattern.exec(path);
    if (!match || route.method !== method) continue;
    const { described } = route;
    const values = Object.fromEntries(route.names.map((name, i) => [name, decodeURIComponent(match[i + 1] ?? "")]));
    return {
      id: described.operationId,
      scopes: described.security.flatMap((one) => one.people),
      path: values,
      problems: (query, body) => requestProblems(described, values, query, body),
      answerProblems: (status, answer) => answerProblems(described, status, answer),
    };
  }
  return undefined;
}

function requestProblems(
  described: Described,
  path: Record<string, string>,
  query: URLSearchParams,
  body: unknown,
): string[] {
  const problems: string[] = [];
  for (const parameter of described.parameters ?? []) {
    const value = parameter.in === "path" ? path[parameter.name] : (query.get(parameter.name) ?? undefined);
    if (value === undefined) {
      if (parameter.required) problems.push(`${parameter.name} is missing`);
      continue;
    }
    problems.push(...problemsOf(compile(parameter.schema), numeric(parameter.schema, value), parameter.name));
  }
  const schema = described.requestBody?.content?.["application/json"]?.schema;
  if (schema) problems.push(...problemsOf(compile(schema), body, "body"));
  return problems;
}

function answerProblems(described: Described, status: number, answer: unknown): string[] {
  const response = described.responses[String(status)];
  if (!response) return [`${described.operationId} has no response ${status}`];
  const schema = response.content?.["application/json"]?.schema;
  if (!schema) return answer === undefined ? [] : [`${described.operationId} ${status} has no body`];
  return problemsOf(compile(schema), answer, described.operationId);
}

export function schemaProblems(name: string, value: unknown): string[] {
  return problemsOf(compile({ $ref: `#/components/schemas/${name}` }), value, name);
}
