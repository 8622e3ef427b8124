// Validates pages with html-validate: a JSON string with one on each line of input, a JSON object
// with what is wrong with it on each line of output.
import { createInterface } from "node:readline";
import { HtmlValidate } from "html-validate";

const validator = new HtmlValidate({ extends: ["html-validate:standard"] });

for await (const line of createInterface({ input: process.stdin })) {
  const { results } = await validator.validateString(JSON.parse(line));
  const wrong = results.flatMap(({ messages }) =>
    messages.map(({ line: at, message }) => `line ${at}: ${message}`),
  );
  console.log(JSON.stringify({ wrong }));
}
