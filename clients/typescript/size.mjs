// How large the client is for a page that uses all of it: bundled, minified, and compressed as servers do.
import { build } from "esbuild";
import { gzipSync } from "node:zlib";

const measure = async (contents) => {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname ?? process.cwd(), loader: "js" },
    bundle: true, minify: true, format: "esm", target: "es2022", write: false,
  });
  const [file] = outputFiles;
  return { minified: file.contents.length, gzipped: gzipSync(file.contents, { level: 9 }).length };
};

const index = JSON.stringify(new URL("dist/index.js", import.meta.url).pathname);
const sizes = {
  everything: await measure(`export * from ${index}`),
  fold: await measure(`export { applyMessage, projectState } from ${index}`),
};
for (const [what, { minified, gzipped }] of Object.entries(sizes)) {
  console.log(`${what}: ${minified} bytes minified, ${gzipped} gzipped`);
}
