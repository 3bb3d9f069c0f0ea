// Builds the page into the package: `node web/build.mjs`. With `--check` nothing is written; it fails where what is
// committed is not what the source builds. The same source always builds the same bytes.
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "../src/auteur/entrypoints/studio");

const built = await build({
  absWorkingDir: here,
  entryPoints: { studio: "src/main.tsx" },
  outdir: target,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome111", "firefox113", "safari16.4"],
  jsx: "automatic",
  jsxImportSource: "preact",
  charset: "utf8",
  legalComments: "none",
  define: { "process.env.NODE_ENV": '"production"' },
  alias: { "@auteur/client": "../clients/typescript/src/index.ts" },
  write: false,
  logLevel: "warning",
});

const parts = new Map([["index.html", await readFile(join(here, "index.html"))]]);
for (const file of built.outputFiles) parts.set(file.path.slice(target.length + 1), Buffer.from(file.contents));

if (process.argv.includes("--check")) {
  const stale = [];
  for (const [name, bytes] of parts) {
    const kept = await readFile(join(target, name)).catch(() => null);
    if (!kept?.equals(bytes)) stale.push(name);
  }
  if (stale.length) {
    console.error(`not what web/ builds: ${stale.join(", ")}; run \`make page\``);
    process.exit(1);
  }
} else {
  for (const [name, bytes] of parts) {
    await writeFile(join(target, name), bytes);
    console.log(`${name.padEnd(12)} ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} gzipped`);
  }
}
