/** `npm run bench -- <name> [options]`: runs src/<name>.ts, whose `bench` takes the options. */
const [name = "", ...options] = process.argv.slice(2);
if (!/^[a-z][a-z-]*$/.test(name)) {
  console.error("expected the name of a bench, as in: npm run bench -- frames --json");
  process.exit(2);
}
const found: { bench?: (options: string[]) => Promise<void> } = await import(
  new URL(`./${name}.js`, import.meta.url).href
);
if (found.bench === undefined) throw new Error(`bench/src/${name}.ts exports no bench`);
await found.bench(options);
