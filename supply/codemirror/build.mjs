// Builds static/vendor/codemirror: one script, and the licences of what is in it. The same lock file gives the same bytes.
import { build } from "esbuild";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "../../static/vendor/codemirror");

// style-mod adopts its sheet in a shadow root and puts a <style> into a page, which the content security policy of the desk refuses
// (style-src 'self'). Every browser that the desk supports lets a page adopt sheets too.
const ASKED = "if (!root.head && root.adoptedStyleSheets";
const adopting = {
  name: "adopting",
  setup({ onLoad }) {
    onLoad({ filter: /style-mod\.js$/ }, async ({ path }) => {
      const contents = await readFile(path, "utf8");
      if (!contents.includes(ASKED)) throw new Error("style-mod has changed: look how it mounts its sheets now.");
      return { contents: contents.replace(ASKED, "if (root.adoptedStyleSheets") };
    });
  },
};

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: ["codemirror.mjs"],
  outfile: join(target, "codemirror.js"),
  bundle: true,
  minify: true,
  charset: "utf8",
  format: "iife",
  globalName: "CodeMirror",
  target: "es2022",
  legalComments: "none",
  metafile: true,
  plugins: [adopting],
});

const packages = new Set(Object.keys(metafile.inputs).map((file) => file.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]).filter(Boolean));
const parts = [];
for (const name of [...packages].sort()) {
  const folder = join(here, "node_modules", name);
  const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((one) => /^licen[cs]e/i.test(one));
  parts.push(`${name} ${version}\n\n${(await readFile(join(folder, file), "utf8")).trim()}\n`);
}
await writeFile(join(target, "LICENCES.txt"), parts.join(`\n${"-".repeat(80)}\n\n`));
