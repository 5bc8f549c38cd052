"""The pipeline of this repository, as one that uses the installed package has it."""

import re
from collections.abc import Iterator

from tribar.records.code_file import CODE_FILE

_HEAD = """\
# Each stage reads its blocks of params.yaml, and of code.yaml the hashes of the code that decides
# its bytes; `tribar upgrade` writes that file for the tribar that is installed.
"""
_CODE = re.compile(r" +- \$\{src\}/(.+)")


def own_pipeline(text: str) -> str:
    """Return dvc.yaml with the code as parameters of `code.yaml` in the place of dependencies."""
    return _HEAD + "\n".join(_lines(text[text.index("stages:") :])) + "\n"


def _lines(text: str) -> Iterator[str]:
    code: list[str] = []
    for line in text.splitlines():
        if found := _CODE.fullmatch(line):
            code.append("packages." + found[1].removesuffix(".py").replace("/", "."))
        elif line.startswith("    params: ["):
            blocks = line.partition("[")[2].rstrip("]")
            yield "    params:"
            yield from (f"      - {block}" for block in blocks.split(", "))
            yield f"      - {CODE_FILE}: [{', '.join(code)}]"
            code = []
        elif "From here to runtime.py" not in line:
            yield line.replace("${tribar} ", "tribar ")
