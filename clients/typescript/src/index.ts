/** The client of auteur. */

export {
  Auteur, type Abortable, type AuteurOptions, type Paging, type Repeatable, type TaskFilters,
} from "./auteur.js";
export { AuteurError, type AuteurErrorInit } from "./errors.js";
export { applyMessage, projectState, taskAfter, type ProjectState } from "./fold.js";
export {
  endingOf, type Accepted, type AcceptedBatch, type Ending, type FreshState, type Listener, ProjectSocket,
  type SayOptions, type SocketEvents, type SocketOptions, type SocketStatus, type WebSocketConstructor,
  type WebSocketLike,
} from "./socket.js";
export type * from "./wire.js";
