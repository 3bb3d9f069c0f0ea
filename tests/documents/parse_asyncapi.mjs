// What AsyncAPI's own parser says of the document on the standard input: a list of its diagnostics, as JSON.
import { text } from "node:stream/consumers";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(await text(process.stdin));
const told = diagnostics.map(({ severity, code, path, message }) => ({ severity, code, path, message }));
process.stdout.write(JSON.stringify({ accepted: document !== undefined, diagnostics: told }));
