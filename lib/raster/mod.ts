/** Images drawn and written without a library. @module */
export * from "./canvas.ts";
export * from "./letters.ts";
export * from "./png.ts";
