"""How far a workflow is: one number over all its nodes, that never falls."""

from collections.abc import Iterable, Mapping
from typing import Any

_SAMPLER = 20.0
"""What a node that samples weighs: it takes far longer than those that load, encode, decode and save."""


class Progress:
    """Counts the nodes that the outputs need. ``outputs``: ids of the nodes that make them."""

    def __init__(self, workflow: Mapping[str, Mapping[str, Any]], outputs: Iterable[str]) -> None:
        self._weights = {
            node: _SAMPLER if "Sampler" in str(workflow[node].get("class_type")) else 1.0
            for node in _needed(workflow, outputs)
        }
        self._done: dict[str, float] = {}
        self._running: str | None = None
        self.value = 0.0

    @property
    def running(self) -> str | None:
        """The node that runs, as the workflow names it."""
        return self._running

    def hear(self, kind: str, data: Mapping[str, Any]) -> None:
        """Takes in a message of the server about the prompt."""
        match kind:
            case "execution_cached":
                for node in data.get("nodes") or ():
                    self._finish(str(node))
            case "executing":
                self._start(data.get("display_node") or data.get("node"))
            case "progress":
                self._share(data.get("display_node_id") or data.get("node"), data.get("value"), data.get("max"))
            case "progress_state":
                for node, state in (data.get("nodes") or {}).items():
                    self._hear_state(node, state)
            case "executed":
                self._finish(str(data.get("node")))
        total = sum(self._weights.values())
        if total:
            reached = sum(self._weights[node] * share for node, share in self._done.items()) / total
            self.value = max(self.value, min(reached, 0.99))  # all of it is for the ending to say

    def _hear_state(self, node: str, state: Mapping[str, Any]) -> None:
        if state.get("state") == "finished":
            # what a node has expanded into is done bit by bit: the node itself is when its own entry says so
            self._finish(node)
        elif state.get("state") == "running":
            shown = str(state.get("display_node_id") or node)
            if self._done.get(shown, 0.0) < 1.0:
                self._running = shown
            self._share(shown if node == shown else None, state.get("value"), state.get("max"))

    def _start(self, node: Any) -> None:
        if node is not None:
            if self._running is not None and self._running != str(node):
                self._finish(self._running)
            self._running = str(node)

    def _share(self, node: Any, value: Any, most: Any) -> None:
        if str(node) in self._weights and isinstance(value, int | float) and isinstance(most, int | float) and most > 0:
            self._done[str(node)] = max(self._done.get(str(node), 0.0), min(max(value / most, 0.0), 1.0))

    def _finish(self, node: str) -> None:
        if node in self._weights:
            self._done[node] = 1.0


def _needed(workflow: Mapping[str, Mapping[str, Any]], outputs: Iterable[str]) -> list[str]:
    """The outputs and everything that they are made of."""
    found: dict[str, None] = {}
    ahead = [node for node in outputs if node in workflow]
    while ahead:
        node = ahead.pop()
        if node not in found:
            found[node] = None
            ahead += [source for source in links_of(workflow[node]) if source in workflow]
    return list(found)


def links_of(node: Mapping[str, Any]) -> list[str]:
    """The nodes whose outputs are inputs of this one."""
    return [
        str(value[0])
        for value in (node.get("inputs") or {}).values()
        if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int)
    ]
