/** A headless Chromium, driven by its own remote debugging protocol over WebSocket. */

/** What the protocol sends: an answer to a call, or an event. */
interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** Names of the program, the one preferred first. */
const PROGRAMS = ["chromium", "chromium-browser", "google-chrome"] as const;

/** Milliseconds that the browser may take to start. */
const START = 30_000;

/** A browser with one page. Dispose it to end it. */
export class Browser implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #profile: string;
  readonly #socket: WebSocket;
  readonly #calls = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  readonly #listeners = new Map<string, (params: Record<string, unknown>) => void>();
  #next = 1;

  private constructor(process: Deno.ChildProcess, profile: string, socket: WebSocket) {
    this.#process = process;
    this.#profile = profile;
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
  }

  /** Starts the browser. @throws {Error} if there is none on the path, or it does not start. */
  static async open(): Promise<Browser> {
    const profile = await Deno.makeTempDir();
    const args = [
      "--headless=new",
      "--no-sandbox", // it opens our own file alone, often as root in a container
      "--disable-gpu",
      "--hide-scrollbars",
      "--no-first-run",
      `--user-data-dir=${profile}`,
      "--remote-debugging-port=0",
      "about:blank",
    ];
    const process = startFirst(args);
    const address = await portOf(profile);
    const pages = await (await fetch(`http://${address}/json/list`)).json();
    const page = pages.find(({ type }: { type: string }) => type === "page");
    const socket = new WebSocket(page.webSocketDebuggerUrl);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    return new Browser(process, profile, socket);
  }

  /** Calls a method of the protocol. @throws {Error} with the browser's words. */
  call(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const id = this.#next++;
    const answer = Promise.withResolvers<Record<string, unknown>>();
    this.#calls.set(id, answer);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return answer.promise;
  }

  /** Listens to an event. */
  on(method: string, listener: (params: Record<string, unknown>) => void): void {
    this.#listeners.set(method, listener);
  }

  /** Waits for the next event of a kind. */
  once(method: string): Promise<Record<string, unknown>> {
    return new Promise((resolve) => this.on(method, resolve));
  }

  /** The value of an expression in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const options = { expression, returnByValue: true, awaitPromise: true };
    const { result, exceptionDetails } = await this.call("Runtime.evaluate", options);
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: T }).value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.call("Browser.close").catch(() => {});
    await this.#process.status;
    this.#socket.close();
    await Deno.remove(this.#profile, { recursive: true }).catch(() => {});
  }

  #receive({ id, method, params = {}, result = {}, error }: Message): void {
    if (method !== undefined) return this.#listeners.get(method)?.(params);
    const call = this.#calls.get(id!);
    this.#calls.delete(id!);
    if (error === undefined) call?.resolve(result);
    else call?.reject(new Error(error.message));
  }
}

function startFirst(args: readonly string[]): Deno.ChildProcess {
  for (const program of PROGRAMS) {
    try {
      const silent = { stdout: "null", stderr: "null" } as const;
      return new Deno.Command(program, { args: [...args], ...silent }).spawn();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new Error(
    `Cannot find ${PROGRAMS.join(" or ")} on the path: install one, as by apt-get install chromium`,
  );
}

/** Host and port, which the browser writes into its profile once it listens. */
async function portOf(profile: string): Promise<string> {
  for (const until = performance.now() + START; performance.now() < until;) {
    try {
      const [port] = (await Deno.readTextFile(`${profile}/DevToolsActivePort`)).split("\n");
      if (port) return `127.0.0.1:${port}`;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("Cannot start Chromium: it does not listen");
}
