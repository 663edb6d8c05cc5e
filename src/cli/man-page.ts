// The manual page dlrpc(1), in the macros of man(7): from the same source as the help.

import { version } from "../base/version.ts";
import { purpose, trustSentence } from "./help.ts";
import type { Verb } from "./verb.ts";
import { verbs } from "./verbs.ts";

const LONGEST_LINE = 80;

export function manPage(): string {
  return [
    `.TH DLRPC 1 "" ${quoted(`dlrpc ${version}`)}`,
    ".SH NAME",
    `dlrpc \\- ${escaped(purpose)}`,
    ".SH SYNOPSIS",
    verbs.map(({ name, operands }) => `.B dlrpc ${escaped(name)}\n${paragraph(operands).join("\n")}`).join("\n.br\n"),
    ".SH DESCRIPTION",
    ...paragraph(trustSentence),
    ".SH VERBS",
    ...verbs.flatMap(section),
    "",
  ].join("\n");
}

function section({ name, operands, summary, options, statuses = {}, more }: Verb): string[] {
  return [
    `.SS ${quoted(`dlrpc ${name} ${operands}`)}`,
    ...paragraph(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`),
    ...Object.entries(options).flatMap(([option, { value, help }]) => [
      ".TP",
      `\\fB${escaped(`--${option}`)}\\fR${value === undefined ? "" : ` \\fI${escaped(value)}\\fR`}`,
      ...paragraph(help),
    ]),
    ...(more === undefined ? [] : [".PP", ...paragraph(more)]),
    ...(Object.keys(statuses).length > 0 ? [".PP", "Exit status:"] : []),
    ...Object.entries(statuses).flatMap(([status, meaning]) => [".TP", status, ...paragraph(meaning)]),
  ];
}

/** In lines that are not too long, as mandoc(1) wants them. */
function paragraph(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && escaped(longer).length <= LONGEST_LINE) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.map(escaped);
}

/** As roff(7) takes text: on lines that begin with no request, all in ASCII. */
function escaped(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll(
      /[^\n -~]/gu,
      (character) => `\\[u${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}]`,
    )
    .replaceAll(/^(?=[.'])/gm, "\\&");
}

function quoted(text: string): string {
  return `"${escaped(text).replaceAll('"', "\\(dq")}"`;
}
