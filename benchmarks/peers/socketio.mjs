// socket.io on Node, told as benchmarks/crowd.py tells every peer.
import { createRequire } from "node:module";

const [modules, events, everyMs, bytes] = process.argv.slice(2);
const required = createRequire(`${modules}/`);
const http = required("node:http").createServer();
const { Server } = required("socket.io");
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false, pingInterval: 60000 });
http.listen(0, "127.0.0.1", 4096, () => console.log(http.address().port));
process.stdin.once("data", async () => {
  const began = process.cpuUsage();
  for (let number = 1; number <= Number(events); number++) {
    io.emit("event", `Pass ${number} of ${events}`.padEnd(Number(bytes)));
    await new Promise((resolve) => setTimeout(resolve, Number(everyMs)));
  }
  const { user, system } = process.cpuUsage(began);
  console.log((user + system) / 1e6);
});
