"""What a worker is given to do names its work in every line of its log."""

import ast

from tests.project.files import BASE, committed, text_of


def _calls(tree: ast.AST, name: str) -> list[ast.Call]:
    """The calls of `module.name(…)` below a node."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == name
    ]


def test_every_job_that_is_about_something_binds_its_id() -> None:
    jobs, silent = 0, []
    for file in committed():
        text = text_of(file) if file.suffix == ".py" and "tests" not in file.parts else ""
        if "jobs.enqueue(" not in text:
            continue
        tree = ast.parse(text)
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        for call in _calls(tree, "jobs.enqueue"):
            # Queue, name of the job, function, and what it is given.
            _queue, _name, job, *given = call.args
            jobs += 1
            if given and not _calls(functions[ast.unparse(job)], "logs.bound"):
                silent.append(f"{file.relative_to(BASE)}: {ast.unparse(job)}")
    assert jobs > 10
    assert not silent
