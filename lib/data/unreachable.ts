/** What is wrong with a path that leads to no file. */

/** In words, if a path leads to no file that may be read; `undefined` if something else went wrong. */
export function whyUnreachable(error: unknown): string | undefined {
  const { NotFound, NotADirectory, FilesystemLoop, PermissionDenied, NotCapable } = Deno.errors;
  if (error instanceof NotFound || error instanceof NotADirectory) return "no such file";
  if (error instanceof FilesystemLoop) return "symbolic link to itself";
  if (error instanceof PermissionDenied || error instanceof NotCapable) {
    return "cannot be read: permission denied";
  }
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return code === "ENAMETOOLONG" ? "no file is named so" : undefined;
}
