// Builds src/jump/web/static/jump/web_forms/ from the pinned packages: `npm ci && npm run build` in this folder.
//
// What it changes in ODK Web Forms: its styles leave the script for a file of their own, its fonts stay out (the page's
// own fonts are used), and nothing else.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "../../src/jump/web/static/jump/web_forms");
const INJECTED = /^\(function\(\)\{"use strict";try\{.*?createTextNode\(('(?:[^'\\]|\\.)*')\).*?\}\)\(\);\n/s;
let styles = "";

const stylesApart = {
  name: "styles-apart",
  setup(made) {
    made.onLoad({ filter: /@getodk\/web-forms\/dist\/index\.js$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const found = INJECTED.exec(source);
      if (!found) throw new Error("The styles of ODK Web Forms are no longer where they were; see build.mjs.");
      styles = new Function(`return ${found[1]}`)();
      return { contents: source.slice(found[0].length), loader: "js" };
    });
  },
};

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const result = await build({
  entryPoints: { "web-forms": join(here, "entry.js") },
  outdir: out,
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  charset: "utf8",
  target: ["chrome109", "firefox115", "safari16.4"],
  chunkNames: "web-forms-[hash]",
  define: {
    "process.env.NODE_ENV": '"production"',
    __VUE_OPTIONS_API__: "true",
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
  },
  legalComments: "none",
  metafile: true,
  plugins: [stylesApart],
});

const withoutFonts = styles.replace(/@font-face\s*\{[^}]*\}/g, "");
if (/data:font|@font-face|@import/.test(withoutFonts)) throw new Error("A font or an import is left in the styles.");
await writeFile(join(out, "web-forms.min.css"), withoutFonts.replace('@charset "UTF-8";', "").trim() + "\n");

// Licences: of every package whose code is in the files, with its text where the package carries it.
const used = new Set();
for (const input of Object.keys(result.metafile.inputs)) {
  const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
  if (found) used.add(found[1]);
}
const parts = [];
for (const name of [...used].sort()) {
  const folder = join(here, "node_modules", name);
  const about = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((one) => /^licen[cs]e/i.test(one));
  const text = file ? (await readFile(join(folder, file), "utf8")).trim() : "(The package carries no text of its licence.)";
  parts.push(`${name} ${about.version}\nLicence: ${about.license}\n\n${text}\n`);
}
await writeFile(join(out, "LICENCES.txt"), parts.join(`\n${"-".repeat(78)}\n\n`));

const sums = [];
for (const name of (await readdir(out)).sort()) {
  sums.push(`${createHash("sha256").update(await readFile(join(out, name))).digest("hex")}  ${name}`);
}
await writeFile(join(out, "SHA256SUMS"), sums.join("\n") + "\n");
console.log(sums.join("\n"));
