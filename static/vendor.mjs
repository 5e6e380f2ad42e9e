// Copies the browser libraries that vendor.json lists out of node_modules into vendor/. Run after `npm ci`.

import { copyFile, mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

const here = import.meta.dirname;
const { files } = JSON.parse(await readFile(join(here, "vendor.json"), "utf8"));

await rm(join(here, "vendor"), { recursive: true, force: true });
for (const [target, source] of Object.entries(files)) {
  await mkdir(dirname(join(here, target)), { recursive: true });
  await copyFile(join(here, source), join(here, target));
}
