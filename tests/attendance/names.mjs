// Searches with what the desk's page searches with; one JSON question a line, one answer a line.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const source = readFileSync(new URL("../../static/js/names.js", import.meta.url), "utf8");
const { fit, soughtIn, wordsOf } = await import(
  `data:text/javascript,${encodeURIComponent(source)}`
);

for await (const line of createInterface({ input: process.stdin })) {
  const [typed, name, rest] = JSON.parse(JSON.parse(line));
  console.log(JSON.stringify({ fit: fit(soughtIn(typed), wordsOf(name), wordsOf(rest)) }));
}
