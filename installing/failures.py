"""What went wrong with an installer, in words: told from what it printed itself. What is not known is not guessed."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass

from installing.commands import ROOT, Outcome

# With less than this left, what fails without words fails for want of room.
_FULL = 1_000_000
# A password in the address of a mirror or proxy.
_PASSWORD = re.compile(r"//[^/@\s]+@")


class CannotInstall(Exception):
    """Something is missing that a person must mend; the message says what it is and how."""


@dataclass(frozen=True)
class Cause:
    """A cause: how installers print it, what it is called here, and how it is mended."""

    name: str
    printed: re.Pattern[str]
    what: str
    mend: str


def _cause(name: str, printed: str, what: str, mend: str) -> Cause:
    return Cause(name, re.compile(printed, re.IGNORECASE), what, mend)


# The first that fits is told: what comes first explains what comes after it, as a mirror that refuses explains that a
# package "was not found".
CAUSES = (
    _cause(
        "disk",
        r"no space left on device|disk quota exceeded|\bENOSPC\b|\bEDQUOT\b|don't have enough free space",
        "The disk is full.",
        "The portal takes 0.5 GB in this folder, 0.9 GB with what tests need; uv, pip and npm also keep copies in\n"
        "your home folder. Make room, or name another place for the copies: UV_CACHE_DIR=… npm_config_cache=…",
    ),
    _cause(
        "permission",
        r"permission denied|operation not permitted|read-only file system|\bEACCES\b|\bEPERM\b|\bEROFS\b",
        "A file or folder may not be written by this user.",
        "Give this folder, and the one that is named above, to the user who installs: chown -R USER FOLDER",
    ),
    _cause(
        "expired certificate",
        r"certificate has expired|certificate is not yet valid|\bCERT_HAS_EXPIRED\b|\bCERT_NOT_YET_VALID\b"
        r"|invalid peer certificate: .*expired|not valid yet",
        "A server's certificate is over, or does not hold yet, by this machine's clock.",
        "Look at the clock: date. Where it is right, whoever runs the server must renew its certificate.",
    ),
    _cause(
        "certificate",
        r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate|unknownissuer|certificate verif(y|ication) failed"
        r"|unable to verify the first certificate|self[- ]signed certificate|unable to get (local )?issuer certificate"
        r"|the certificate is not trusted|\bERR_TLS_CERT_ALTNAME_INVALID\b",
        "The certificate of a server is not signed by an authority that this machine knows.",
        "Where your network has an authority of its own: put its certificate as a .crt file into\n"
        "/usr/local/share/ca-certificates/ and run, as root, update-ca-certificates.\n"
        "Or name a file with it: SSL_CERT_FILE=/path/to/bundle.pem",
    ),
    _cause(
        "proxy",
        r"407 (client|proxy)|\bE407\b|proxy authorization required|proxy authentication required",
        "The proxy asks who you are.",
        "Put your name and password for it into its address: HTTPS_PROXY=http://NAME:PASSWORD@PROXY:PORT",
    ),
    _cause(
        "refused",
        r"40[13] (forbidden|unauthorized|client error)|\bE40[13]\b|403 +forbidden|user for \S+: ",
        "The package mirror does not let you in, or does not give this package away.",
        "Look at its address and your password for it (UV_DEFAULT_INDEX, pip.conf, .npmrc, .netrc),\n"
        "or ask whoever runs it.",
    ),
    _cause(
        "hash",
        r"hash(es)? mismatch|hash sum mismatch|do not match the hashes|\bEINTEGRITY\b",
        "A package is not the one that the lock file names: its digest differs. It was not installed.",
        "Somebody changed it, or a download broke off. Try again; then tell whoever runs the mirror.",
    ),
    _cause(
        "name",
        r"dns error|name or service not known|temporary failure (in name resolution|resolving)|no address associated"
        r"|\bENOTFOUND\b|\bEAI_AGAIN\b|could not resolve",
        "The name of a server is not known: there is no network, no DNS, or the way out is a proxy.",
        "Look at the address above. With a proxy: HTTPS_PROXY=http://PROXY:PORT. With a mirror:\n"
        "UV_DEFAULT_INDEX and npm's registry. Without a network: docs/installing.md",
    ),
    _cause(
        "network",
        r"connection (refused|reset|timed out|broken)|timed? ?out|unreachable|failed to establish a new connection"
        r"|\bECONNREFUSED\b|\bECONNRESET\b|\bETIMEDOUT\b"
        r"|tunnel error|server error \(5\d\d|\b5\d\d server error|\bE5\d\d\b",
        "A server could not be reached, or broke off.",
        "Look at the address above, the firewall and the proxy (HTTPS_PROXY=http://PROXY:PORT), and try again.\n"
        "Without a network: docs/installing.md",
    ),
    _cause(
        "lock",
        r"package\.json and package-lock\.json .*in sync|lockfile .*needs to be updated",
        "A lock file is out of date: it is not what pyproject.toml or package.json asks for.",
        "In a copy of a release: git status, git pull. Where you changed what is needed: uv lock, npm install",
    ),
    _cause(
        "version",
        r"no wheels? with a matching|no usable wheels|wheel for the current platform|requires python|requires-python"
        r"|is not a supported wheel|unsupported (engine|platform)|\bEBADENGINE\b|\bEBADPLATFORM\b|only-binary",
        "A package is not made for this Python, processor or operating system.",
        "Made for: Python 3.11 or newer on Linux with glibc (Debian, Ubuntu), x86-64 or ARM64. Name another Python:\n"
        "make run PYTHON=/usr/bin/python3",
    ),
    _cause(
        "missing",
        r"was not found in the (package registry|provided package locations|cache)|no matching distribution found"
        r"|failed to read `--find-links`|there is no version of|\bE404\b|404 (client error|not found)|\bENOTCACHED\b"
        r"|unable to locate package|has no installation candidate|no solution found when resolving",
        "A package is not where it was looked for, in the version that the lock file names.",
        "A mirror must have it; ask whoever runs it. A folder for an install without network is filled anew\n"
        "after each upgrade, on a machine with the same Python: docs/installing.md",
    ),
)


def cause_of(words: str) -> Cause | None:
    """Return what went wrong, from what an installer printed, or None where it is not known."""
    return next((cause for cause in CAUSES if cause.printed.search(words)), None)


def told(doing: str, outcome: Outcome) -> CannotInstall:
    """Return a failure in words: what could not be done, why, which line says so, and how to mend it."""
    cause = cause_of(outcome.words)
    if cause is None and shutil.disk_usage(ROOT).free < _FULL:
        cause = CAUSES[0]
    if cause is None:
        return CannotInstall(f"{doing} (exit code {outcome.code}). What it printed itself is above.")
    line = next((line for line in outcome.words.splitlines() if cause.printed.search(line)), "")
    said = f"It said: {_PASSWORD.sub('//…@', line.strip())[:400]}\n" if line else ""
    return CannotInstall(f"{doing}. {cause.what}\n{said}{cause.mend}")
