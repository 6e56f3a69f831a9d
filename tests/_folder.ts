/** Temporary folders and files of tests. */

/** What `body` gives of a new folder, which goes when it has returned or its promise is settled. */
export function inFolder<R>(body: (folder: string) => R): R {
  const folder = Deno.makeTempDirSync();
  using stack = new DisposableStack();
  stack.defer(() => Deno.removeSync(folder, { recursive: true }));
  const result = body(folder);
  if (!(result instanceof Promise)) return result;
  const later = stack.move();
  return result.finally(() => later.dispose()) as R;
}

/** What `body` gives of the path of a file of these bytes. */
export function withFile<R>(bytes: Uint8Array, body: (path: string) => R): R {
  return inFolder((folder) => {
    const path = `${folder}/file`;
    Deno.writeFileSync(path, bytes);
    return body(path);
  });
}
