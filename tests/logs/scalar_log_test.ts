import { ScalarLog } from "../../lib/logs/scalar_log.ts";
import { inFolder } from "../_folder.ts";

Deno.test({
  name: "a ScalarLog that starts again leaves no file open",
  sanitizeResources: true,
  fn: () =>
    inFolder((folder) => {
      using log = new ScalarLog(folder);
      log.observer.start({ config: { batch: 2 }, step: 0 });
      log.observer.step({ step: 1 });
      log.observer.start({ config: { batch: 2 }, step: 0 });
    }),
});
