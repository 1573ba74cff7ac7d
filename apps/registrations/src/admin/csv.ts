// Comma-separated values (RFC 4180) for spreadsheets. People choose their names, and a spreadsheet runs what looks like a
// formula, so such cells are made plain text (OWASP, CSV Injection).

type Row = readonly string[];

/** Tells Excel that the text is UTF-8. */
const BYTE_ORDER_MARK = "\uFEFF";

/** Spreadsheets take full-width signs for the plain ones. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** A file with this heading, made as it is read. When the rows fail the download breaks off: no file looks whole and is not. */
export function csvFile(heading: Row, batches: AsyncGenerator<readonly Row[]>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start: (file) => file.enqueue(encoder.encode(BYTE_ORDER_MARK + csvLines([heading]))),
    pull: async (file) => {
      const { done, value } = await batches.next();
      if (done) file.close();
      else file.enqueue(encoder.encode(csvLines(value)));
    },
    cancel: () => batches.return(undefined).then(() => {}),
  });
}

/** Rows as lines, each with its end. Every cell is quoted. */
export function csvLines(rows: readonly Row[]): string {
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function cell(text: string): string {
  const plain = FORMULA.test(text) ? `'${text}` : text;
  return `"${plain.replaceAll('"', '""')}"`;
}
