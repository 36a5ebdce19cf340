"""The built-in runbooks' scripts, really run here (as nobody when root) by every shell there is."""
import os
import pathlib
import pwd
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "commands/runbooks"
NAMES = ["top", "memory", "disk", "agent", "agent-restart"]
LIMIT = 24_000  # characters: what Systems Manager keeps
SHELLS = [shell for shell in (["sh"], ["dash"], ["bash", "--posix"], ["busybox", "sh"]) if shutil.which(shell[0])]
AS_NOBODY = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}


def script(name, **arguments):
    """As commands/runbook_built_in.c puts it together."""
    symbol = name.replace("-", "_") + "_sh"
    parts = re.search(r"^SCRIPT\(%s, (.*)\);$" % symbol, (ROOT / "commands/runbook_built_in.c").read_text(), re.M).group(1)
    text = "".join((FOLDER / part).read_text() for part in re.findall(r'FILE_OF\("([^"]+)"\)', parts))
    text = re.sub(r"\{\{([a-z]+)\}\}", lambda m: shlex.quote(arguments.get(m.group(1), "")), text)
    assert "{{" not in text, "Systems Manager would look for a parameter"
    return text


def run(text, shell=("sh",), path="", status=0, timeout=120):
    env = {"PATH": (f"{path}:" if path else "") + "/usr/bin:/bin"}
    done = subprocess.run([*shell, "-c", text], env=env, capture_output=True, timeout=timeout, stdin=subprocess.DEVNULL,
                          check=False, cwd="/", **AS_NOBODY)
    output = done.stdout.decode()  # valid UTF-8
    assert done.returncode == status, (output, done.stderr.decode())
    assert done.stderr == b""
    assert len(output) < LIMIT
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", output)
    return output


def sections(output):
    """{head: lines below it}; the lines before the first one are under ""."""
    found, head = {"": []}, ""
    for line in output.splitlines():
        match = re.fullmatch(r"== (.*) ==", line)
        if match:
            head = match.group(1)
            assert head not in found
            found[head] = []
        elif line:
            found[head].append(line)
    return found


ROW = re.compile(r" *(?P<cpu>[\d.]+) +(?P<mem>[\d.]+) +(?P<rss>[\d.]+) +(?P<grown>-?[\d.]+) +(?P<pid>\d+) (?P<user>\S+) +"
                 r"(?P<elapsed>(?:\d+d )?(?:\d+:)?\d\d:\d\d) (?P<command>.+)")


def rows(lines):
    assert lines[0].split() == "CPU% MEM% RSS-MiB GROWN-MiB PID USER ELAPSED COMMAND".split()
    return [ROW.fullmatch(line).groupdict() for line in lines[1:]]


def processes(output):
    """The table of the section that is about processes with most of something."""
    (lines,) = [lines for head, lines in sections(output).items() if "processes" in head]
    return rows(lines)


@pytest.fixture
def place():
    """A directory that nobody can reach."""
    with tempfile.TemporaryDirectory(prefix="runbooks-") as name:
        os.chmod(name, 0o755)
        yield pathlib.Path(name)


def command(place, name, text):
    """A program that stands before the real one of that name."""
    folder = place / "bin"
    folder.mkdir(exist_ok=True, mode=0o755)
    (folder / name).write_text("#!/bin/sh\n" + text)
    (folder / name).chmod(0o755)
    return str(folder)


# --- form ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
@pytest.mark.parametrize("name", NAMES)
def test_parses(name, shell):
    subprocess.run([*shell, "-n", "-c", script(name)], check=True, timeout=30)


@pytest.mark.parametrize("name", NAMES)
def test_shellcheck_finds_nothing(name):
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not installed")
    # SC2317 takes all functions for unreachable when the script ends in exit.
    done = subprocess.run(["shellcheck", "-s", "sh", "-e", "SC2317", "-"], input=script(name), text=True,
                          capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_every_script_is_linked_in():
    named = set(re.findall(r'FILE_OF\("([^"]+)"\)', (ROOT / "commands/runbook_built_in.c").read_text()))
    assert named == {path.name for path in FOLDER.iterdir()}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ps1")), ids=lambda path: path.name)
def test_powershell_is_balanced_and_ends_itself(path):
    """There is no PowerShell here: brackets and quotation marks at least."""
    text = path.read_text()
    assert text.isascii()
    code = re.sub(r"#.*|'[^'\n]*'|\"[^\"\n]*\"", "", text.replace("{{count}}", "$x").replace("{{path}}", "$x"))
    assert "'" not in code and '"' not in code
    waiting = []
    for char in code:
        if char in "([{":
            waiting.append({"(": ")", "[": "]", "{": "}"}[char])
        elif char in ")]}":
            assert waiting.pop() == char
    assert not waiting
    if "common" not in path.name:
        assert text.endswith("\nexit 0\n")


# --- top ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_top_says_when_where_and_how_much(shell):
    output = run(script("top"), shell)
    verdict, title = output.splitlines()[:2]
    assert re.fullmatch(r"CPU [\d.]+ % busy; most: .+ \(pid \d+\), [\d.]+ % of one CPU", verdict)
    assert re.fullmatch(r"top: \S+ at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", title)
    found = sections(output)
    assert list(found) == ["", "Uptime and load", "CPU now", "The 5 processes that use most CPU now (100 % is one CPU)",
                           "Memory", "Disks", "Out-of-memory kills"]
    cpus = os.sysconf("SC_NPROCESSORS_ONLN")
    assert re.fullmatch(r"up .*\d\d:\d\d; load average [\d.]+ [\d.]+ [\d.]+ over 1, 5 and 15 minutes; %d CPUs" % cpus,
                        found["Uptime and load"][0])
    assert re.match(r"[\d.]+ % busy in [\d.]+ s: user ", found["CPU now"][0])
    assert re.match(r"\d+ MiB, available \d+ MiB \([\d.]+ %\); swap \d+ MiB, used \d+ MiB", found["Memory"][0])
    assert found["Disks"] and found["Out-of-memory kills"]
    assert len(processes(output)) == 5


@pytest.mark.parametrize("count", [1, 2, 17, 50])
def test_top_shows_as_many_as_were_asked_for(count):
    """Besides the header: N asked, N shown. There are kernel threads enough."""
    helpers = [subprocess.Popen(["sleep", "300"]) for _ in range(20)]
    try:
        shown = processes(run(script("top", count=str(count))))
    finally:
        for helper in helpers:
            helper.kill()
            helper.wait()
    there = len([pid for pid in os.listdir("/proc") if pid.isdigit()])
    assert len(shown) == count or (len(shown) < count and len(shown) >= 20 and there < count + 10)
    assert len({row["pid"] for row in shown}) == len(shown)
    rates = [float(row["cpu"]) for row in shown]
    assert rates == sorted(rates, reverse=True)


# Two processes of the same age: one has used much and sleeps, the other has slept and now runs wild. By
# the share of their lives, which is what ps shows, the first would lead.
WORLD = r"""
import subprocess, sys
name, text, shell, user = sys.argv[1], sys.argv[2], sys.argv[3].split(), sys.argv[4]
body = {
    "past": "import time\nwhile time.process_time() < 2: pass\nprint(flush=True)\ntime.sleep(600)",
    "wild": "import sys\nsys.stdin.read(1)\nwhile True: pass",
    "grow": "import sys\nsys.stdin.read(1)\nkept = []\nimport time\n"
            "while len(kept) < 2000: kept.append(b'x' * 200000); time.sleep(0.01)\ntime.sleep(600)",
}
hostile = bytes(range(1, 256)) + b"'; $(id) `id` *bold* {code} <!channel> \xc3\xa9" + b"\xe2\x82\xac" * 30000
rename = "import ctypes\nctypes.CDLL(None).prctl(15, %r, 0, 0, 0)\n" % b"a) R 1 1\n(b\\ "
def start(which):
    return subprocess.Popen([sys.executable.encode(), b"-c", (rename + body[which]).encode(), which.encode(), hostile],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
past, other = start("past"), start(name)
past.stdout.readline()
other.stdin.write(b"x")
other.stdin.flush()
who = {"user": "nobody", "group": "nogroup", "extra_groups": []} if user == "nobody" else {}
done = subprocess.run([*shell, "-c", text], env={"PATH": "/usr/bin:/bin"}, cwd="/", timeout=120, capture_output=True,
                      stdin=subprocess.DEVNULL, **who)
past.kill(); other.kill()
sys.stdout.buffer.write(b"%d %d %d\n" % (past.pid, other.pid, done.returncode) + done.stdout)
sys.stderr.buffer.write(done.stderr)
"""


def alone():
    """A prefix that gives a command a list of processes of its own, where that is allowed: [] elsewhere."""
    prefix = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
    if os.getuid() != 0:
        prefix += ["--map-root-user"]
    done = subprocess.run([*prefix, "true"], capture_output=True, check=False)
    return prefix if done.returncode == 0 else []


def run_in_world(name, text, shell):
    prefix = alone()
    user = "nobody" if os.getuid() == 0 else "self"
    done = subprocess.run([*prefix, sys.executable, "-c", WORLD, name, text, " ".join(shell), user],
                          capture_output=True, timeout=180, check=True)
    head, _, output = done.stdout.decode().partition("\n")
    past, other, status = head.split()
    assert (status, done.stderr) == ("0", b"")
    assert len(output) < LIMIT and not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", output)
    return past, other, output, bool(prefix)


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_an_old_process_newly_wild_ranks_first(shell):
    past, wild, output, is_alone = run_in_world("wild", script("top", count="50"), shell)
    shown = [row["pid"] for row in processes(output)]
    assert wild in shown
    if is_alone:
        assert shown[0] == wild
    assert past not in shown or shown.index(wild) < shown.index(past)


def test_hostile_names_and_arguments_stay_on_their_line():
    _, wild, output, _ = run_in_world("wild", script("top", count="50"), ["sh"])
    (row,) = [row for row in processes(output) if row["pid"] == wild]
    assert len(row["command"].encode()) <= 150
    assert row["command"].endswith("...")
    assert row["user"] == pwd.getpwuid(os.getuid()).pw_name[:16]
    for line in output.splitlines():
        assert len(line) < 260


def test_memory_shows_who_has_most_and_who_grows():
    past, grow, output, is_alone = run_in_world("grow", script("memory", count="3"), ["sh"])
    found = sections(output)
    assert list(found) == ["", "Memory", "The 3 processes with most resident memory", "Grown within these 2 seconds",
                           "Out-of-memory kills", "tmpfs and shared memory (part of the memory in use)",
                           "Control groups with a limit, the fullest first"]
    assert re.match(r"total \d+ MiB, available \d+ MiB", found["Memory"][0])
    assert all(found.values())
    most = processes(output)
    assert len(most) == 3
    assert [float(row["rss"]) for row in most] == sorted([float(row["rss"]) for row in most], reverse=True)
    growing = rows(found["Grown within these 2 seconds"])
    assert 1 <= len(growing) <= 3 and all(float(row["grown"]) >= 0 for row in growing)
    if is_alone:
        assert growing[0]["pid"] == grow
        assert past in [row["pid"] for row in most]


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_memory_by_every_shell(shell):
    assert len(processes(run(script("memory"), shell))) == 5


KERNEL_LOG = r"""
if [ "$1" = -T ]; then exit 1; fi
echo '[1.0] usb 1-1: new device'
i=0
while [ $i -lt 400 ]; do
	printf '[%d.0] Out of memory: Killed process %d (java\033[31m) total-vm:%0300d\n' $i $i 0
	i=$((i + 1))
done
"""


@pytest.mark.parametrize("name", ["top", "memory"])
def test_out_of_memory_kills_are_shown(place, name):
    kills = sections(run(script(name), path=command(place, "dmesg", KERNEL_LOG)))["Out-of-memory kills"]
    assert len(kills) == 5 and all(len(line) <= 220 for line in kills)
    assert kills[-1].startswith("[399.0] Out of memory: Killed process 399 (java?[31m)")


def test_an_unreadable_kernel_log_is_said_and_no_kill_is_said(place):
    silent = command(place, "journalctl", "exit 1\n")
    output = run(script("top"), path=command(place, "dmesg", "exit 1\n"))
    assert sections(output)["Out-of-memory kills"] == ["the log of the kernel is empty, or cannot be read here"]
    command(place, "dmesg", "echo '[1.0] usb'\n")
    assert sections(run(script("top"), path=silent))["Out-of-memory kills"] == ["none in the log of the kernel"]


# --- disk ---------------------------------------------------------------------------------------------
def fill(path, mib, age_days=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        file.write(os.urandom(4096) * (256 * mib))
    if age_days:
        os.utime(path, (1_000_000_000, 1_000_000_000))


def test_disk_shows_mounts_and_what_fills_a_path(place):
    fill(place / "data/logs/old/big.log", 9, age_days=900)
    fill(place / "data/new.bin", 3)
    fill(place / "data/small.bin", 1)
    os.link(place / "data/new.bin", place / "data/again.bin")
    output = run(script("disk", path=str(place / "data")))
    found = sections(output)
    assert list(found) == ["", "Mounts, the fullest first", "Largest directories", "Largest files changed in the last day",
                           "Deleted, and still open"]
    assert found["Mounts, the fullest first"][0].split() == ["USED", "INODES", "SIZE-GiB", "FREE-GiB", "MOUNT"]
    used = [int(line.split("%")[0]) for line in found["Mounts, the fullest first"][1:]]
    assert used and used == sorted(used, reverse=True)
    lines = found["Largest directories"]
    assert lines[0] == f"of {place}/data, this file system only"
    # 13 MiB: the file with two names counts once. "logs" is nearly all "old": only that is shown.
    assert re.fullmatch(r"13\.\d MiB in 3 files", lines[1])
    assert [re.split(" MiB ", line.strip()) for line in lines[2:]] == [
        ["9.0", f"{place}/data/logs/old"], ["4.0", f"{place}/data/."]]
    recent = found["Largest files changed in the last day"]
    assert re.fullmatch(rf" +3\.0 MiB {place}/data/(new|again)\.bin", recent[0])
    assert len(recent) == 2 and "big.log" not in output


HOSTILE = ["a b", "it's", '"q"', "$(touch hit)", "`touch hit`", "*", "-rf", "back\\slash\\n", "new\nline", "tab\tx", "\x1b[31m",
           "{code}*x*", "\u00e9\u20ac", "A 9999999 /forged", "x\n99999\t1\t1\t1\t/forged", ";id", "&&", "%s%d"]


# Control characters are refused before the script is made.
@pytest.mark.parametrize("name", [name for name in HOSTILE if name.isprintable()])
def test_a_hostile_path(place, name):
    fill(place / "in" / name / "file", 2)
    shown = sections(run(script("disk", path=f"{place}/in/{name}//")))["Largest directories"][1:]
    assert [line.split(" MiB ")[0].strip() for line in shown] == ["2.0", "2.0"]
    assert sorted(os.listdir(place)) == ["in"]


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_hostile_names_below_a_path(place, shell):
    for name in HOSTILE[:10]:
        fill(place / "in" / name / "file", 2)
    for name in HOSTILE[10:]:
        fill(place / "in" / name, 2)
    found = sections(run(script("disk", path=f"{place}/in"), shell))
    shown = found["Largest directories"][1:]
    assert len(shown) == 13 and re.fullmatch(r"36\.\d MiB in 18 files", shown[0])
    assert all(re.match(rf" +(2|12)\.\d MiB {place}/in/.", line) for line in shown[1:])
    assert all(re.match(rf" +2\.\d MiB {place}/in/", line) for line in found["Largest files changed in the last day"])
    assert sorted(os.listdir(place)) == ["in"]


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_a_path_that_is_not_there(place, shell):
    output = run(script("disk", path=f"{place}/nothing $(id) here"), shell, status=1)
    assert f"The path that was asked for does not exist here, or may not be seen:\n{place}/nothing $(id) here" in output


def test_disk_tells_what_it_has_when_the_time_is_over(place):
    fill(place / "x", 1)
    slow = r"""case $* in
*-printf*%k*) printf '5120\t1\t77\t1.5\t%s/seen/file\0' "$1"; exec sleep 60 ;;
esac
exec /usr/bin/find "$@"
"""
    text = script("disk", path=str(place)).replace("seconds=20", "seconds=1")
    lines = sections(run(text, path=command(place, "find", slow)))["Largest directories"]
    assert lines[1] == "5.0 MiB in 1 files; not all: the time for looking was over"
    assert lines[2].split() == ["5.0", "MiB", f"{place}/seen"]


def test_deleted_files_that_are_still_open(place):
    os.chmod(place, 0o777)
    holder = subprocess.Popen([sys.executable, "-c", "import os, sys, time\nf = open(sys.argv[1], 'wb')\nf.write(b'x' * 3145728)\n"
                               "f.flush()\nos.unlink(sys.argv[1])\nprint(flush=True)\ntime.sleep(600)", str(place / "gone.log")],
                              stdout=subprocess.PIPE, **AS_NOBODY)
    try:
        holder.stdout.readline()
        lines = sections(run(script("disk", path=str(place))))["Deleted, and still open"]
    finally:
        holder.kill()
        holder.wait()
    assert any(re.match(rf" +3\.0 MiB {place}/gone\.log, open in {holder.pid} \(", line) for line in lines), lines


def test_disk_without_a_path_looks_at_the_fullest(place):
    fill(place / "f", 2)
    full = f"""case $1 in
*i) printf 'Filesystem Inodes IUsed IFree IUse%% Mounted on\\n/dev/a 100 50 50 50%% /\\n/dev/b 100 9 91 9%% {place}\\n' ;;
*) printf 'Filesystem 1024-blocks Used Available Capacity Mounted on\\n/dev/a 100 10 90 10%% /\\n'
   printf 'tmpfs 100 100 0 100%% /run\\n/dev/loop1 100 100 0 100%% /snap/x\\n/dev/b 4096 4000 96 98%% {place}\\n' ;;
esac
"""
    found = sections(run(script("disk"), path=command(place, "df", full)))
    mounts = found["Mounts, the fullest first"]
    assert [line.split() for line in mounts[1:3]] == [["98%", "9%", "0.0", "0.0", str(place)], ["10%", "50%", "0.0", "0.0", "/"]]
    assert mounts[3] == f"The fullest is {place}"
    assert found["Largest directories"][0] == f"of {place}, this file system only"


# --- agent --------------------------------------------------------------------------------------------
CONTROL = """case "$*" in
*status*) cat <<'EOF'
{{
  "status": "{state}",
  "starttime": "2026-01-02T03:04:05+00:00",
  "configstatus": "configured",
  "cwoc_status": "stopped",
  "version": "1.300"
}}
EOF
;;
*) echo "$*" >>'{place}/calls' ;;
esac
"""


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_agent_that_is_not_installed(shell):
    output = run(script("agent"), shell)
    assert output.splitlines()[0] == "agent: not installed"
    assert re.fullmatch(r"agent: \S+ at \S+Z", output.splitlines()[1])
    assert list(sections(output)) == ["", "Status", "Configuration", "Last errors and warnings in its log", "End of its log"]


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
@pytest.mark.parametrize("state", ["running", "stopped"])
def test_agent_by_its_control_program(place, state, shell):
    path = command(place, "amazon-cloudwatch-agent-ctl", CONTROL.format(state=state, place=place))
    output = run(script("agent"), shell, path=path)
    assert output.splitlines()[0] == f"agent: {state}"
    assert '  "configstatus": "configured",' in sections(output)["Status"]


SYSTEMD = """case "$*" in
cat*) exit 0 ;;
is-active*) echo x >>'{place}/asked'; [ "$(wc -l <'{place}/asked')" -gt {later} ] ;;
restart*) echo "$*" >>'{place}/calls'; echo 'Job for it \033[31mfailed' >&2 ;;
*status*) echo 'Active: perhaps'; exit 3 ;;
esac
"""


@pytest.mark.parametrize("later,state", [(0, "running"), (99, "stopped")])
def test_agent_by_systemd_alone(place, later, state):
    os.chmod(place, 0o777)
    output = run(script("agent"), path=command(place, "systemctl", SYSTEMD.format(place=place, later=later)))
    assert output.splitlines()[0] == f"agent: {state}"
    assert sections(output)["Status"][1] == "Active: perhaps"


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_agent_restart_waits_until_it_runs(place, shell):
    os.chmod(place, 0o777)
    command(place, "sleep", "exit 0\n")
    output = run(script("agent-restart"), shell, path=command(place, "systemctl", SYSTEMD.format(place=place, later=5)))
    found = sections(output)
    assert list(found) == ["", "Before", "Restart", "After", "End of its log"]
    assert found["Before"][0] == "agent: stopped"
    assert found["Restart"] == ["Job for it ?[31mfailed", "waited 7 s"]
    assert found["After"][0] == "agent: running"
    assert (place / "calls").read_text() == "restart amazon-cloudwatch-agent\n"


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_agent_restart_that_fails_says_so(place, shell):
    os.chmod(place, 0o777)
    command(place, "sleep", "exit 0\n")
    output = run(script("agent-restart"), shell, status=1,
                 path=command(place, "systemctl", SYSTEMD.format(place=place, later=999)))
    assert sections(output)["Restart"][-1] == "waited 20 s"
    assert sections(output)["After"][0] == "agent: stopped"


def test_agent_restart_by_the_control_program(place):
    os.chmod(place, 0o777)
    command(place, "sleep", "exit 0\n")
    run(script("agent-restart"), path=command(place, "amazon-cloudwatch-agent-ctl",
                                              CONTROL.format(state="running", place=place)))
    assert (place / "calls").read_text() == "-m auto -a stop\n-m auto -a start\n"


def test_agent_restart_without_an_agent():
    output = run(script("agent-restart"), status=1)
    assert output.splitlines()[-1] == "there is nothing to restart"
