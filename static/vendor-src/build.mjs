/* How is ../vendor made out of node_modules, the same to the byte each time? */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const vendor = join(here, "..", "vendor");
const entries = ["echarts.js", "idb.js", "ol.css", "ol.js", "preact.js", "rapidoc.js"];

/** Remove addresses from the lock file; `npm ci` needs only versions and hashes. */
function tidyLock() {
  const path = join(here, "package-lock.json");
  const lock = JSON.parse(readFileSync(path, "utf8"));
  for (const entry of Object.values(lock.packages)) {
    delete entry.resolved;
    delete entry.funding;
  }
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
}

/** Bundle every entry; return the names of the packages whose code went in. */
async function bundle() {
  const result = await build({
    absWorkingDir: here,
    entryPoints: entries.map((name) => `entries/${name}`),
    outdir: vendor,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "linked",
    define: { "process.env.NODE_ENV": '"production"' },
    loader: { ".png": "dataurl", ".svg": "dataurl" },
    metafile: true,
    logLevel: "warning",
  });
  const inputs = Object.keys(result.metafile.inputs);
  const names = inputs.map((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]);
  return [...new Set(names.filter(Boolean))].sort();
}

/** Gather the licence of each bundled package into one file. */
function writeLicences(names) {
  const parts = names.map((name) => {
    const folder = join(here, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
    const text = file ? readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n") : "";
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  for (const extra of ["echarts/NOTICE", "rapidoc/dist/rapidoc-min.js.LICENSE.txt"]) {
    const text = readFileSync(join(here, "node_modules", extra), "utf8");
    parts.push(`${extra}\n\n${text.trim()}\n`);
  }
  writeFileSync(join(vendor, "LICENCES.txt"), parts.join(`\n${"-".repeat(72)}\n\n`));
}

/** Write the SHA-256 of every other file of ../vendor into HASHES.json. */
function writeHashes() {
  const hashes = {};
  for (const name of readdirSync(vendor).sort()) {
    hashes[name] = createHash("sha256").update(readFileSync(join(vendor, name))).digest("hex");
  }
  writeFileSync(join(vendor, "HASHES.json"), `${JSON.stringify(hashes, null, 2)}\n`);
}

tidyLock();
rmSync(vendor, { recursive: true, force: true });
mkdirSync(vendor);
writeLicences(await bundle());
writeHashes();
