/** Vision Transformers. @module */
export * from "./sizes.ts";
