/** The version of this project, as runs record it and `ccmim --version` says it; a test holds it to deno.json's. */
export const VERSION = "0.1.0";
