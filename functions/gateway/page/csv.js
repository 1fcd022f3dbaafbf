// Pages of a CSV as one file. Each page has the columns of the event types in it, so their headers may differ.

const CELL = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/y; // RFC 4180

/** The rows of a CSV, each a list of its cells; the header is the first one. */
export function rowsOf(text) {
  const rows = [];
  let row = [];
  CELL.lastIndex = 0;
  while (CELL.lastIndex < text.length) {
    const found = CELL.exec(text);
    if (!found) break; // what no CSV has
    const [, quoted, plain, end] = found;
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ",") {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}

/** The columns of all headers: what only a later one has comes before what follows it there. */
export function columnsOf(headers) {
  const columns = [];
  for (const header of headers) {
    let at = columns.length;
    for (const name of header.toReversed()) {
      const known = columns.indexOf(name);
      if (known < 0) columns.splice(at, 0, name);
      else at = known;
    }
  }
  return columns;
}

const cell = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** One row as text. */
export const lineOf = (cells) => `${cells.map(cell).join(",")}\r\n`;

/** `pages` are their rows; one text with one header, in which a row is empty where its page lacks the column. */
export function joined(pages) {
  const columns = columnsOf(pages.map(([header]) => header));
  const lines = pages.flatMap(([header, ...rows]) => {
    const positions = columns.map((name) => header.indexOf(name));
    return rows.map((row) => lineOf(positions.map((at) => (at < 0 ? "" : row[at]))));
  });
  return [lineOf(columns), ...lines].join("");
}

/** All pages of a CSV that the API gives: `ask` sends for the page at a cursor, which the one before names in `Link`. */
export async function allPages(ask, tell = () => {}) {
  const pages = [];
  let lines = 0, cursor = "";
  do {
    const response = await ask(cursor);
    pages.push(rowsOf(await response.text()));
    lines += pages.at(-1).length - 1;
    tell(lines);
    const next = /[?&]cursor=([^&>]+)[^>]*>; rel="next"/.exec(response.headers.get("Link") || "");
    cursor = next ? decodeURIComponent(next[1]) : "";
  } while (cursor);
  return joined(pages);
}
