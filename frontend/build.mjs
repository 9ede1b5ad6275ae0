// Builds the screens' stylesheet, scripts, fonts and icons into the workspace room, where the wheel takes them
// from. Every file but the manifest carries a hash of its own content, so that it may be cached for ever; the
// manifest maps plain names to hashed ones for `careloop.workspace.assets`. Two builds of one source are equal
// byte for byte.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { iconNames } from "./icons/names.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const modules = join(root, "node_modules");
const target = join(root, "src/careloop/workspace/static/careloop/dist");
const staging = `${target}.building-${process.pid}`;
const manifest = {};

const FONT_SUBSETS = ["latin", "latin-ext"];

function keep(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const hashed = name.replace(/(\.[a-z0-9]+)$/, `.${hash}$1`);
  writeFileSync(join(staging, hashed), content);
  manifest[name] = hashed;
  return hashed;
}

function fonts() {
  return FONT_SUBSETS.map((subset) => {
    const file = `inter-${subset}-wght-normal.woff2`;
    return [file, keep(file, readFileSync(join(modules, "@fontsource-variable/inter/files", file)))];
  });
}

function icons() {
  const symbols = iconNames.map((name) => {
    const source = join(modules, "lucide-static/icons", `${name}.svg`);
    if (!existsSync(source)) throw new Error(`lucide has no icon "${name}"`);
    const inner = readFileSync(source, "utf8").replace(/[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "");
    return `<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s*\n\s*/g, "")}</symbol>`;
  });
  keep("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`);
}

function stylesheet(fontFiles) {
  const output = join(staging, "app.css");
  const cli = join(modules, "@tailwindcss/cli/dist/index.mjs");
  execFileSync(process.execPath, [cli, "-i", join(here, "css/app.css"), "-o", output, "--minify"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  let css = readFileSync(output, "utf8");
  for (const [plain, hashed] of fontFiles) css = css.replaceAll(`url(/${plain})`, `url(${hashed})`).replaceAll(`url("/${plain}")`, `url(${hashed})`);
  rmSync(output);
  keep("app.css", css);
}

async function scripts() {
  const result = await build({
    entryPoints: { app: join(here, "js/app.js"), charts: join(here, "js/charts.js") },
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    legalComments: "none",
    outdir: staging,
    write: false,
  });
  for (const file of result.outputFiles) keep(file.path.split("/").pop(), Buffer.from(file.contents));
}

rmSync(staging, { recursive: true, force: true });
mkdirSync(staging, { recursive: true });
const fontFiles = fonts();
icons();
keep("mark.svg", readFileSync(join(here, "icons/mark.svg")));
stylesheet(fontFiles);
await scripts();
writeFileSync(join(staging, "manifest.json"), `${JSON.stringify(manifest, Object.keys(manifest).sort(), 1)}\n`);
rmSync(target, { recursive: true, force: true });
renameSync(staging, target);
for (const [plain, hashed] of Object.entries(manifest)) console.log(`${plain} → ${hashed}`);
