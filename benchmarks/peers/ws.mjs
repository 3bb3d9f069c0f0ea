// ws on Node, told as benchmarks/crowd.py tells every peer: says its port, waits for a line, tells all, says its CPU seconds.
import { createRequire } from "node:module";

const [modules, events, everyMs, bytes] = process.argv.slice(2);
const { WebSocketServer } = createRequire(`${modules}/`)("ws");
const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false, backlog: 4096 });
server.on("listening", () => console.log(server.address().port));
process.stdin.once("data", async () => {
  const began = process.cpuUsage();
  for (let number = 1; number <= Number(events); number++) {
    const said = Buffer.from(`Pass ${number} of ${events}`.padEnd(Number(bytes)));
    for (const client of server.clients) client.send(said, { binary: false });
    await new Promise((resolve) => setTimeout(resolve, Number(everyMs)));
  }
  const { user, system } = process.cpuUsage(began);
  console.log((user + system) / 1e6);
});
