// Compiles registry.scss, copies the design system's script and our fonts into ../static under names that carry a
// content hash, and writes ../static/manifest.json, from which the layout takes the names.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const out = join(here, "..", "static");
const manifest = {};

function put(name, content) {
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const hashed = name.replace(/(\.[a-z0-9]+)$/, `.${digest}$1`);
  manifest[name] = hashed;
  writeFileSync(join(out, hashed), content);
  return hashed;
}

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, "licences"), { recursive: true });

const ranges = JSON.parse(readFileSync(join(modules, "@fontsource/pt-sans/unicode.json"), "utf8"));
let faces = "";
for (const weight of [400, 700]) {
  for (const subset of ["cyrillic-ext", "cyrillic", "latin-ext", "latin"]) {
    const file = `pt-sans-${subset}-${weight}-normal.woff2`;
    const hashed = put(file, readFileSync(join(modules, "@fontsource/pt-sans/files", file)));
    faces +=
      `@font-face{font-family:"PT Sans";font-style:normal;font-display:swap;font-weight:${weight};` +
      `src:url("${hashed}") format("woff2");unicode-range:${ranges[subset]}}`;
  }
}

const style = sass.compile(join(here, "registry.scss"), {
  style: "compressed",
  loadPaths: [modules],
  quietDeps: true,
});
put("registry.css", faces + style.css);
put("govuk-frontend.js", readFileSync(join(modules, "govuk-frontend/dist/govuk/govuk-frontend.min.js"), "utf8").replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n"));
for (const name of readdirSync(here)) {
  if (name.endsWith(".js") || name.endsWith(".svg")) put(name, readFileSync(join(here, name)));
}
for (const name of readdirSync(join(here, "licences"))) {
  copyFileSync(join(here, "licences", name), join(out, "licences", name));
}
writeFileSync(join(out, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
