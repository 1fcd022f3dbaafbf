// Python's compileall, run by the Pyodide in HOME: node compileall.mjs HOME OPTIONS... FOLDER
import { pathToFileURL } from "node:url";

const [home, ...options] = process.argv.slice(2);
const folder = options.at(-1);
try {
  const { loadPyodide } = await import(pathToFileURL(`${home}/pyodide.mjs`));
  const python = await loadPyodide({ indexURL: home, env: { HOME: "/", PYTHONHASHSEED: "0" } });
  python.mountNodeFS(folder, folder); // at its own path, so that options which name the path hold inside as well
  python.globals.set("options", python.toPy(options));
  process.exitCode = python.runPython(`
import compileall
import sys

sys.argv = ["compileall", *options]
int(not compileall.main())
`);
} catch (error) {
  console.error(error.message); // by itself node would show the line it came from, which is a megabyte
  process.exitCode = 1;
}
