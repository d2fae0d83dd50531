import type { ServerResponse } from "node:http";

export function escaped(text: string): string {
  return text.replace(/[&<>"'\p{Cc}]/gu, (character) => `&#${character.codePointAt(0)};`);
}

export function errorText(code: string): string {
  // As real ones do, it tells what was signed: none of that may come to a message.
  const signed =
    "<StringToSign>stand-in-string-to-sign</StringToSign><AWSAccessKeyId>stand-in-key</AWSAccessKeyId>";
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${code} of the stand-in</Message>${signed}</Error>`;
}

export function answerXml(response: ServerResponse, status: number, text: string): void {
  const body = Buffer.from(text);
  response.writeHead(status, { "content-type": "application/xml", "content-length": body.length }).end(body);
}

export function answerError(response: ServerResponse, status: number, code: string): void {
  answerXml(response, status, errorText(code));
}
