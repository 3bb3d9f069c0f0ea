"""What a server says of a workflow, in words for who asked for the picture: the node by its title, the cause, no paths
of the server, no traceback."""

import re
from collections.abc import Mapping
from typing import Any

Workflow = Mapping[str, Mapping[str, Any]]

_PATH = re.compile(r"(?<![\w.])(?:[A-Za-z]:)?(?:[\\/][^\s'\"\\/:]+)*[\\/]([^\s'\"\\/:]+)")
_MOST = 300
_MOST_PROBLEMS = 5


def title_of(workflow: Workflow, node: str) -> str:
    """What the studio calls the node, else class, else id; of a node that another has expanded into, that one's."""
    known = workflow.get(node) or workflow.get(node.partition(".")[0]) or {}
    title = (known.get("_meta") or {}).get("title") or known.get("class_type")
    return str(title) if title else f"#{node}"


def in_words(said: Any) -> str:
    """One line of what a server says, fit for a user."""
    lines = [line.strip() for line in str(said or "").splitlines() if line.strip()]
    return _PATH.sub(r"\1", lines[0])[:_MOST] if lines else ""


def is_out_of_memory(error: Mapping[str, Any]) -> bool:
    """Whether a node has failed for want of memory, which another time or another server may have."""
    said = f"{error.get('exception_type')} {error.get('exception_message')}".lower()
    return "outofmemory" in said or "out of memory" in said or "allocation on device" in said


def node_error(workflow: Workflow, error: Mapping[str, Any]) -> str:
    """Why a node has failed."""
    node = str(error.get("node_id") or "")
    of_class = str(error.get("node_type") or "")
    title = title_of(workflow, node) if node else of_class
    if not title:
        return "The workflow failed, and the server does not say why."
    named = f'"{title}"' + (f" ({of_class})" if of_class and of_class != title else "")
    if is_out_of_memory(error):
        return f"The node {named} had too little memory on the server: ask for fewer pixels or frames, or try again."
    cause = in_words(error.get("exception_message")) or "no cause is given"
    return f"The node {named} failed: {cause}"


def refusal(workflow: Workflow, answer: Mapping[str, Any], parameters: Mapping[tuple[str, str], str]) -> str:
    """Why a server does not take a workflow. ``parameters``: by node and input the parameter that sets it."""
    problems = []
    for node, found in (answer.get("node_errors") or {}).items():
        for problem in found.get("errors") or ():
            wanted = str((problem.get("extra_info") or {}).get("input_name") or "")
            title = title_of(workflow, str(node))
            where = f'the node "{title}"'
            if parameter := parameters.get((str(node), wanted)):
                where = f'{parameter} (of the node "{title}")'
            problems.append(f"{where}: {_problem(problem, wanted)}")
    if problems:
        more = f", and {len(problems) - _MOST_PROBLEMS} more" if len(problems) > _MOST_PROBLEMS else ""
        return f"The server does not take the workflow: {'; '.join(problems[:_MOST_PROBLEMS])}{more}."
    error = answer.get("error")
    told = error if isinstance(error, dict) else {"message": error}
    info = told.get("extra_info") or {}
    if told.get("type") in ("missing_node_type", "invalid_prompt") and info.get("class_type"):
        title = title_of(workflow, str(info.get("node_id") or ""))
        return f'The server has no node class {info["class_type"]}, which the node "{title}" is of.'
    said = in_words(told.get("message")) or "it does not say why"
    details = in_words(told.get("details"))
    return f"The server does not take the workflow: {said}{f' ({details})' if details else ''}."


def _problem(problem: Mapping[str, Any], wanted: str) -> str:
    info = problem.get("extra_info") or {}
    config = info.get("input_config")
    limits = config[1] if isinstance(config, list) and len(config) > 1 and isinstance(config[1], dict) else {}
    match problem.get("type"):
        case "required_input_missing":
            return f"its input {wanted} is not set"
        case "value_not_in_list":
            return f"{wanted} {in_words(info.get('received_value'))!r} is not to be had on this server"
        case "value_smaller_than_min" if "min" in limits:
            return f"{wanted} must be at least {limits['min']}"
        case "value_bigger_than_max" if "max" in limits:
            return f"{wanted} must be at most {limits['max']}"
        case "invalid_input_type":
            return f"{wanted} is of the wrong kind"
        case "dependency_cycle":
            return "it waits for itself, in a circle"
        case "exception_during_validation":
            return f"{in_words(problem.get('message'))} ({in_words(problem.get('details'))})"
    said, details = in_words(problem.get("message")), in_words(problem.get("details"))
    return f"{wanted + ': ' if wanted else ''}{said}{f' ({details})' if details else ''}"
