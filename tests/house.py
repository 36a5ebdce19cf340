#!/usr/bin/python3
"""Rules of the house that a machine can check. Prints each breach, then 'N passed, N failed'."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
WIRING = {"bot/main.c", "bot/run.c"}  # the only files that know everyone
LIBRARIES = ("curl/", "json-c/", "json.h>", "libwebsockets", "openssl/", "sqlite3", "yaml.h", "http_parser", "cairo", "expat")


def sources(*folders):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.[ch]")):
            yield path.relative_to(ROOT).as_posix(), path.read_text()


def includes(text):
    return re.findall(r'^\s*#\s*include\s*[<"]([^">]+)[">]', text, re.M)


def layers():
    """bot/ uses no adapter and no command; adapters use bot/ and adapters/aws; commands use no library."""
    for name, text in sources("bot", "adapters", "commands"):
        if name in WIRING:
            continue
        own = "/".join(name.split("/")[:2])
        for header in includes(text):
            if name.startswith("bot/") and header.startswith(("adapters/", "commands/")):
                yield f"{name} includes {header}: bot/ knows no adapter and no command"
            if name.startswith("adapters/") and header.startswith("commands/"):
                yield f"{name} includes {header}: adapters know no command"
            if name.startswith("adapters/") and header.startswith("adapters/") and not header.startswith((own + "/", "adapters/aws/")):
                yield f"{name} includes {header}: adapters do not know each other"
            if name.startswith("adapters/aws/") and header.startswith("adapters/") and not header.startswith("adapters/aws/"):
                yield f"{name} includes {header}: adapters/aws uses no other adapter"
            if name.startswith("commands/") and any(library in header for library in LIBRARIES) and not header.startswith("bot/"):
                yield f"{name} includes {header}: commands use bot/ and adapters' headers only"


def guards():
    """Every header is guarded by its path."""
    for name, text in sources("bot", "adapters", "commands"):
        guard = re.sub(r"[/.-]", "_", name).upper()
        if name.endswith(".h") and f"#ifndef {guard}\n#define {guard}\n" not in text:
            yield f"{name}: no include guard {guard}"


def sizes():
    """Functions of at most 70 lines, files of at most 600, lines of at most 120 columns."""
    for name, text in sources("bot", "adapters", "commands"):
        lines = text.split("\n")
        if len(lines) > 601:
            yield f"{name}: {len(lines)} lines"
        start = None
        for number, line in enumerate(lines, 1):
            if len(line.expandtabs(8)) > 120:
                yield f"{name}:{number}: {len(line.expandtabs(8))} columns"
            if line == "{":
                start = number
            if line == "}" and start:
                if number - start > 70:
                    yield f"{name}:{start}: a function of {number - start} lines"
                start = None


def words():
    """No path of a machine, no download address, no unfinished marks, in anything tracked."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    bad = re.compile(r"(?<![\w.])/(?:work|farm|root)/|\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|\"resolved\": \"http")
    for name in listed:
        path = ROOT / name
        if name == "tests/house.py" or not path.is_file():
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.split("\n"), 1):
            if bad.search(line):
                yield f"{name}:{number}: {line.strip()[:100]}"


def secrets():
    """secret_reveal is called only where a value goes onto the wire, or is compared on reload."""
    allowed = ("adapters/", "bot/secret.", "bot/config_store.")
    for name, text in sources("bot", "adapters", "commands"):
        if "secret_reveal(" in text and not name.startswith(allowed):
            yield f"{name}: secret_reveal outside an adapter"


def main():
    failed = 0
    rules = [layers, guards, sizes, words, secrets]
    for rule in rules:
        breaches = list(rule())
        failed += bool(breaches)
        print(f"{'FAILED' if breaches else 'ok    '} {rule.__doc__}")
        for breach in breaches:
            print("       " + breach)
    print(f"{len(rules) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
