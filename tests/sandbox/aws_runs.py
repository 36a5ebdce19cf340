"""Runs the script of an SSM command on this machine, as the agent does but without its rights.

The agent's ways (amazon-ssm-agent, plugins/runscript and iohandler): the lines of `commands` are
one file that `sh -c` is given, so a first line `#!/bin/bash` chooses the interpreter; a status
other than 0 adds "failed to run commands: exit status N" to stderr; output beyond 24,000 and 8,000
bytes is dropped, its beginning kept and marked. Here the script runs as nobody (when this is root),
in an empty directory, in a session of its own; what it leaves running is killed.
"""
import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import tempfile

STDOUT_MAX, STDERR_MAX, PLUGIN_MAX = 24000, 8000, 2500
CUT = "--output truncated--"
KEEP = 1 << 20  # bytes kept of a stream; the rest is read and dropped
DRAIN_S = 2  # for what is left in the pipes once the script is over
STOPPED = 137  # the agent's exit code of a script that was stopped
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Result:
    """How a script ended: its exit code, what it wrote, whether its time was up."""

    def __init__(self, code, stdout="", stderr="", timed_out=False):
        self.code, self.stdout, self.stderr, self.timed_out = code, stdout, stderr, timed_out


def cut(text, limit):
    """The beginning of a stream, as SSM keeps it."""
    data = text.encode()
    if len(data) <= limit:
        return text
    return data[: limit - len(CUT)].decode("utf-8", "replace") + CUT


def plugin_output(stdout, stderr):
    """stdout and stderr in the one short text of ListCommandInvocations."""
    title = "\n----------ERROR-------\n" if stderr else ""
    room = PLUGIN_MAX - len(title)
    if len(stdout) + len(stderr) <= room:
        return stdout + title + stderr
    out_mark, err_mark = "\n---Output truncated---", "\n---Error truncated----"
    if len(stdout) > room // 2 and len(stderr) > room // 2:
        half = (room - len(out_mark) - len(err_mark)) // 2
        return stdout[:half] + out_mark + title + stderr[:half] + err_mark
    if len(stdout) <= room // 2:
        return stdout + title + stderr[: room - len(err_mark) - len(stdout)] + err_mark
    return stdout[: room - len(out_mark) - len(stderr)] + out_mark + title + stderr


def unprivileged():
    """subprocess options that take the rights away; none when there are none to take."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def kill_left(session, home):
    """Kills what a script started: its session, and whoever left it, known by the environment."""
    mark = b"HOME=" + home.encode()
    for entry in os.listdir("/proc"):
        with contextlib.suppress(OSError, ValueError):
            number = int(entry)
            with open("/proc/%d/environ" % number, "rb") as environment:
                marked = mark in environment.read().split(b"\0")
            if marked or os.getsid(number) == session:
                os.kill(number, signal.SIGKILL)


async def ended(process):
    """The end of the script itself. Process.wait() would wait for whoever holds its pipes, too."""
    while process.returncode is None:
        await asyncio.sleep(0.005)


async def drain(stream, kept):
    while True:
        chunk = await stream.read(65536)
        if not chunk:
            return
        kept += chunk[: KEEP - len(kept)]


async def run(commands, timeout_s, directory=None, environment=None):
    """Runs the lines; cancelling the task kills them."""
    rights = unprivileged()
    base = tempfile.mkdtemp(prefix="tocsin-ssm-")
    try:
        script, work = os.path.join(base, "_script.sh"), os.path.join(base, "work")
        os.mkdir(work)
        with open(script, "w", encoding="utf-8") as out:
            out.write("\n".join(commands) + "\n")
        os.chmod(script, 0o700)
        if rights:
            for path in (base, work, script):
                os.chown(path, rights["user"], rights["group"])
        return await _run(
            script,
            timeout_s,
            directory or work,
            {**rights, "env": {"PATH": PATH, "HOME": work, "PWD": work, **(environment or {})}},
        )
    finally:
        shutil.rmtree(base, ignore_errors=True)


async def _run(script, timeout_s, directory, options):
    try:
        process = await asyncio.create_subprocess_exec(
            "sh",
            "-c",
            script,
            cwd=directory,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            **options,
        )
    except OSError as error:
        return Result(1, "", "failed to run commands: %s" % error.strerror)
    kept = bytearray(), bytearray()
    readers = [
        asyncio.create_task(drain(stream, into))
        for stream, into in zip((process.stdout, process.stderr), kept)
    ]
    timed_out = False
    try:
        await asyncio.wait_for(ended(process), timeout_s)
    except asyncio.TimeoutError:
        timed_out = True
    finally:
        kill_left(process.pid, options["env"]["HOME"])
        await ended(process)
        await asyncio.wait(readers, timeout=DRAIN_S)
        for reader in readers:
            reader.cancel()
    stdout, stderr = (data.decode("utf-8", "replace") for data in kept)
    if timed_out:
        return Result(STOPPED, stdout, stderr, True)
    return finished(process.returncode, stdout, stderr)


def finished(code, stdout, stderr):
    """The result of a script that ended by itself."""
    if code == 0:
        return Result(0, stdout, stderr)
    how = "signal: %s" % signal.strsignal(-code).lower() if code < 0 else "exit status %d" % code
    stderr += "" if not stderr or stderr.endswith("\n") else "\n"
    return Result(STOPPED if code < 0 else code, stdout, stderr + "failed to run commands: " + how)
