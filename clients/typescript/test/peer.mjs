// The other end of a socket, for what a real service does only when it is ill: it stops answering, says things twice,
// refuses, forgets, or says a hundred thousand things. It speaks the protocol over a real line.
import { once } from "node:events";
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

export const EPOCH = "peer";

export class Peer {
  /** `log`: how many events there are. `onSocket` is called with each socket and its request, after the greeting. */
  static async start({ log = 0, onSocket = () => undefined, onRequest = undefined } = {}) {
    const peer = new Peer();
    Object.assign(peer, { log, opened: [], heard: [], sockets: new Set(), oldest: 0, isGreeting: true });
    peer.server = createServer((request, response) => {
      if (onRequest?.(request, response, peer)) return;
      response.writeHead(200, { "Content-Type": "application/json" }).end('{"tasks":[],"next":null}');
    });
    const sockets = new WebSocketServer({
      server: peer.server,
      handleProtocols: (offered) => (offered.has("auteur.v1") ? "auteur.v1" : false),
    });
    sockets.on("connection", (socket, request) => {
      const address = new URL(request.url, "http://peer");
      const after = address.searchParams.get("after");
      peer.opened.push({ after, protocols: request.headers["sec-websocket-protocol"], path: address.pathname, query: address.search });
      peer.sockets.add(socket);
      socket.on("close", () => peer.sockets.delete(socket));
      socket.on("message", (text) => peer.heard.push(JSON.parse(String(text))));
      if (peer.isGreeting) peer.greet(socket, after);
      onSocket(socket, peer, after);
    });
    peer.server.listen(0, "127.0.0.1");
    await once(peer.server, "listening");
    peer.url = `http://127.0.0.1:${peer.server.address().port}`;
    return peer;
  }

  greet(socket, after) {
    const seq = after ? Number(after.split("-")[1] ?? 0) : undefined;
    const recovered = seq !== undefined && seq >= this.oldest;
    const position = recovered ? after : `${EPOCH}-${this.log}`;
    socket.send(JSON.stringify({
      ...common(), type: "connected", recovered, protocol: 1, position,
      ...(recovered ? {} : { state: stateAt(position) }),
    }));
    return recovered ? seq : this.log;
  }

  /** Tells everybody of the next event. */
  tell() {
    const text = eventText(++this.log);
    for (const socket of this.sockets) socket.send(text);
  }

  async close() {
    for (const socket of this.sockets) socket.terminate();
    this.server.close();
  }
}

export function stateAt(position) {
  const counts = { blocked: 0, queued: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0, size_bytes: 0 };
  return { project_id: "film", position, counts, tasks: [], next: null };
}

export const common = () => ({
  id: crypto.randomUUID(), project_id: "film", timestamp: "2026-11-26T09:00:00Z",
});

export const eventText = (seq) => JSON.stringify({
  ...common(), type: "progress", position: `${EPOCH}-${seq}`, task_id: "t", progress: (seq % 100) / 100, attempt: 1,
  message: `step ${seq}`, metadata: { shot: "12A" },
});
