/**
 * Builds the SQL of a trigger that reserves the bytes that uploads over a file were credited with
 * (`covered_bytes`), once the file will no longer free them.
 *
 * @param change kind of change to rows of "files"
 * @param room expression: bytes that the file frees after the change
 */
export function uncover(name: string, change: string, room: string): string {
  const path = "rtrim(OLD.directory, '/') || '/' || OLD.name";
  const covered = `covered_bytes > 0 AND owner = OLD.owner AND path = ${path}`;
  const sum = `(SELECT sum(covered_bytes) FROM uploads WHERE ${covered})`;
  return `CREATE TRIGGER ${name} AFTER ${change} ON files
    WHEN ${sum} > ${room}
    BEGIN
      UPDATE accounts SET reserved_bytes = reserved_bytes + ${sum} WHERE name = OLD.owner;
      UPDATE uploads SET reserved_bytes = reserved_bytes + covered_bytes, covered_bytes = 0
        WHERE ${covered};
    END;`;
}
