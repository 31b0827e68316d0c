import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const shell = "src/wangge/doors/shell";

/** Joins the icons named in the shell's `icons.txt` into one sprite, from the lucide package. */
function iconSprite(): Plugin {
  return {
    name: "wangge-icon-sprite",
    generateBundle() {
      const names = readFileSync(here(`${shell}/icons.txt`), "utf8")
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "" && !line.startsWith("#"));
      const symbols = names.map((name) => {
        const drawing = readFileSync(here(`node_modules/lucide-static/icons/${name}.svg`), "utf8");
        const inside = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(drawing)?.[1];
        if (inside === undefined) throw new Error(`Icon ${name} has no drawing`);
        return `<symbol id="${name}" viewBox="0 0 24 24">${inside.replace(/\s+/g, " ").trim()}</symbol>`;
      });
      this.emitFile({
        type: "asset",
        fileName: "icons.svg",
        source: `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`,
      });
    },
  };
}

/**
 * Django adds its own hash to `wangge.js` in addresses it writes. A chunk that imported the entry back
 * by its plain name would load it a second time, so such a build is refused.
 */
function entryIsNeverImported(): Plugin {
  return {
    name: "wangge-entry-is-never-imported",
    generateBundle(_options, bundle) {
      delete bundle["style.js"]; // the empty script of the entry that is only a style sheet
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === "chunk" && chunk.imports.includes("wangge.js")) {
          this.error(`${chunk.fileName} imports the entry wangge.js; move what it needs into its own file`);
        }
      }
    },
  };
}

export default defineConfig({
  root: here("."),
  base: "./",
  publicDir: false,
  plugins: [iconSprite(), entryIsNeverImported()],
  worker: { format: "es" },
  build: {
    outDir: here(`${shell}/static/wangge`),
    emptyOutDir: true,
    target: "es2022",
    sourcemap: false,
    // Which file became what: the field door names to its service worker what to keep.
    manifest: "manifest.json",
    modulePreload: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      input: {
        wangge: here("frontend/wangge.ts"),
        style: here("frontend/wangge.css"),
        field_worker: here("islands/field_worker.ts"),
      },
      output: {
        entryFileNames: "[name].js",
        // What entry and islands share lives in a chunk of its own, so that no island imports the entry.
        codeSplitting: {
          groups: [{ name: "shared", test: (id) => !/maplibre|\/islands\/|\.css$|wangge\.ts$/.test(id) }],
        },
        chunkFileNames: "chunks/[name]-[hash].js",
        assetFileNames: (asset) =>
          asset.names.includes("style.css") || asset.names.includes("wangge.css")
            ? "wangge.css"
            : "chunks/[name]-[hash][extname]",
      },
    },
  },
});
