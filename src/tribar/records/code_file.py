"""The file that tells DVC of the installed code, in a repository that has none of its own."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

import tribar
from tribar.errors import UserError, listing
from tribar.files import hash_code
from tribar.outputs.writers import write_text

CODE_FILE = Path("code.yaml")
_HEAD = "# Of the installed tribar; `tribar upgrade` writes it. New code makes its stages stale.\n"


def installed_code() -> dict[str, Any]:
    """Return the sha256 of each package and module of tribar; those of stages one by one."""
    root = Path(tribar.__file__).parent
    names = sorted(path.name for path in root.iterdir() if _is_code(path))
    found: dict[str, Any] = {_key(name): hash_code(root, [name]) for name in names}
    stages = sorted(path.name for path in (root / "stages").iterdir() if _is_code(path))
    found["stages"] = {_key(name): hash_code(root, [f"stages/{name}"]) for name in stages}
    return found


def write_code_file(folder: Path) -> None:
    """Write the file for the installed code."""
    content = {"version": tribar.__version__, "packages": installed_code()}
    write_text(folder / CODE_FILE, _HEAD + yaml.safe_dump(content, sort_keys=False))


def stale_packages(folder: Path) -> list[str]:
    """Return the packages whose code is not that of a repository's file, "" where it has none.

    Raises:
        UserError: the file is damaged.
    """
    try:
        known = yaml.safe_load((folder / CODE_FILE).read_text(encoding="utf-8"))["packages"]
        flat = dict(_flat(known))
    except FileNotFoundError:
        return []
    except (OSError, ValueError, LookupError, TypeError, AttributeError, yaml.YAMLError):
        raise UserError(
            f"{folder / CODE_FILE}: it is damaged; restore it with git checkout, or write it with "
            "`tribar upgrade`"
        ) from None
    ours = dict(_flat(installed_code()))
    return sorted(name for name in ours.keys() | flat.keys() if ours.get(name) != flat.get(name))


def require_installed_code(folder: Path) -> None:
    """Refuse to run where the installed tribar is not the one that the repository names.

    Raises:
        UserError: says which packages differ.
    """
    stale = stale_packages(folder)
    if stale:
        raise UserError(
            f"{folder / CODE_FILE}: the installed tribar has other code in {listing(stale)}; run "
            "`tribar upgrade`, which says what becomes stale, or install the version that it names"
        )


def _is_code(path: Path) -> bool:
    return path.suffix == ".py" or (path / "__init__.py").is_file()


def _key(name: str) -> str:
    return name.removesuffix(".py")


def _flat(packages: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in packages.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{name}.")
        else:
            yield f"{above}{name}", str(value)
