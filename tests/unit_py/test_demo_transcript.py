"""README's transcript is the demo's: its form, its stages, and how it is renewed."""
import pathlib
import re

from tests.sandbox import transcript

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"
# What the demo's transcript shows, in this order.
SHOWN = (
    r"SNS +sandbox-cpu → ALARM",
    r"#alarms +ALARM +sandbox-cpu",
    r"Diagnosis ⏳ .*Ticket ⏳ .*Mail ⏳ ",
    r"Jira +OPS-1 Example Corp \| .*CPUUtilization",
    r"in the thread: ✅ top on i-",
    r"top: this-machine at 20\d\d-",
    r"load average",
    r"Jira +OPS-1 comment",
    r"mail +\[incident 1\] ALARM: CPUUtilization",
    r"Diagnosis ✅ top on i-.*: CPU [\d.]+ % busy",
    r"Ticket ✅ OPS-1 · Mail ✅ sent",
    r"SNS +→ OK",
    r"RESOLVED sandbox-cpu .* after ",
    r"Jira +OPS-1 .*→ Done",
    r"→ INSUFFICIENT_DATA",
    r"Proposal Run agent-restart on i-",
    r"alice +clicks Approve",
    r"✅ done, approved by @alice",
    r"RESOLVED web-1-memory",
    r"alice +/top i-",
    r"✅ top on i-",
    r"alice +/ticket ",
    r"✅ OPS-3",
    r"alice +@tocsin help",
    r"What I can do",
    r"alice +@tocsin why was the shop slow in the last 12 hours\?",
    r"#alarms +✅ Answered",
    r"scripted model, not a real one",
    r"highest [\d.]+ s \(F1\)",
    r"93\.7 % \[not in the data\]",
    r"tokens .* \$",
    r"alice +/tocsin summary",
    r"Summary: nothing open, 2 resolved, 1 finding",
    r"over its limit this morning: .* \(shop F1\)",
    r"2 new, 2 resolved, after ",
    r"shop: 1 finding",
)


def test_readme_has_the_demos_transcript():
    lines = transcript.between_marks(README.read_text("utf-8"))
    assert lines, "README.md has no marks: see tests/sandbox/transcript.py"
    wrong = [line for line in lines if not transcript.LINE.fullmatch(line)]
    assert not wrong, "not as the demo writes it: %s" % wrong
    rest = iter(lines)
    for pattern in SHOWN:
        assert any(re.search(pattern, line) for line in rest), "missing, or out of order: %s" % pattern
    times = [float(t) for t in re.findall(r"^ +(\d+\.\d) s ", "\n".join(lines), re.M)]
    assert times == sorted(times) and times[-1] < 60


def test_a_transcript_is_written_between_the_marks(tmp_path):
    notes = transcript.Transcript({"secret-host": "this-machine"})
    notes.note("SNS", "a  →  ALARM", "  on secret-host\n")
    notes.note("mail", "x" * 500)
    assert all(transcript.LINE.fullmatch(line) for line in notes.lines), notes.lines
    assert "on this-machine" in notes.lines[1] and len(notes.lines[2]) == transcript.WIDTH
    path = tmp_path / "README.md"
    path.write_text("before\n%s\nold\n%s\nafter\n" % (transcript.BEGIN, transcript.END))
    notes.write(path)
    assert transcript.between_marks(path.read_text("utf-8")) == notes.lines
    assert path.read_text("utf-8").startswith("before\n") and path.read_text("utf-8").endswith("\nafter\n")
    notes.write(tmp_path / "new")
    assert (tmp_path / "new").read_text("utf-8").split("\n")[:-1] == notes.lines
