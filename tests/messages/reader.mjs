// Reads mails with postal-mime: a JSON string with one, its bytes in base64, on each line of input,
// a JSON object with what it holds on each line of output.
import { createInterface } from "node:readline";
import PostalMime from "postal-mime";

const text = (content) =>
  typeof content === "string" ? content : new TextDecoder().decode(content);

for await (const line of createInterface({ input: process.stdin })) {
  const mail = await PostalMime.parse(Buffer.from(JSON.parse(line), "base64"));
  console.log(JSON.stringify({
    headers: mail.headers.map((header) => header.originalKey).sort(),
    from: mail.from,
    to: mail.to,
    replyTo: mail.replyTo,
    subject: mail.subject,
    messageId: mail.messageId,
    date: mail.date,
    unsubscribe: mail.headers.find((header) => header.key === "list-unsubscribe")?.value ?? null,
    text: mail.text,
    html: mail.html,
    attachments: mail.attachments.map((each) => ({
      name: each.filename,
      type: each.mimeType,
      method: each.method ?? null,
      content: text(each.content),
    })),
  }));
}
