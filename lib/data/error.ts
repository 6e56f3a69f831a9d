/** The error of input that cannot be used. */

/**
 * Input data that is missing, damaged or not laid out as it must be. What a caller that talks to people
 * shows as it is, apart from errors of the program itself.
 */
export class DataError extends Error {
  override readonly name = "DataError";
}

/** A library is missing that this machine would need; its name is that of all errors of the environment. */
export class MissingDecoderError extends Error {
  override readonly name = "EnvironmentError";
}
